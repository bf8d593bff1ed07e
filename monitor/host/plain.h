/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exits of a guest whose registers the host sees: struct host_ops has what each is for.
 */
#pragma once

#include "monitor/svm/insn.h"
#include "monitor/svm/vcpu.h"

void plain_exit(struct vcpu *v, u64 code);
/* VMMCALL or VMCALL at @insn, whichever the processor has. */
void plain_hypercall(struct vcpu *v, const struct insn *insn);
/* What KVM does of AMD's processor: VMCALL is patched into VMMCALL. */
void plain_undefined(struct vcpu *v, const struct insn *insn);
/* ... and a host that does not. */
void plain_undefined_unmended(struct vcpu *v, const struct insn *insn);
