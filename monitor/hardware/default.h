/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks of struct hardware_ops for hardware that does nothing of its own there.
 */
#pragma once

#include "monitor/svm/hardware_ops.h"

void default_intercept(struct vmcb *vmcb);
void default_launch(struct vcpu *v);
/* A page as it was loaded. */
int default_fill_section(const struct launch_section *section);
/* May be written. */
bool default_write_cr(struct vcpu *v, unsigned int cr, u64 value, const struct insn *insn);
/* VMMCALL where there is no such instruction. */
void default_vmmcall(struct vcpu *v, const struct insn *insn);
/* Holds none. */
bool default_holds_nmi(const struct vcpu *v);
void default_state_left(u64 gpa);
/* There is nothing that a host could take. */
bool default_host_takes(u64 gpa, bool gives_back);
/* Hardware has no page for itself. */
bool default_is_read_only(u64 gpa);
