/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exits of a TD by an instruction: each is done, #VE, #GP or #UD, as the module has it. The hooks
 * of hardware_ops.h of those names.
 */
#pragma once

#include "monitor/svm/exit_context.h"
#include "monitor/svm/hardware_ops.h"

void tdx_exit_msr(struct vcpu *v, const struct msr_access *access);
bool tdx_exit_write_cr(struct vcpu *v, unsigned int cr, u64 value, const struct insn *insn);
void tdx_exit_undefined(struct vcpu *v, const struct insn *insn);
void tdx_exit_host(struct vcpu *v, u64 code);
