/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDCALL: the module's leaves; TDG.VP.VMCALL is the host's.
 */
#pragma once

#include "monitor/hardware/tdx_td.h"
#include "monitor/svm/insn.h"
#include "monitor/svm/vcpu.h"

/* What the module needs of the machine. */
extern const struct tdx_machine tdx_machine;

/* tdx_cpuid() for @v, with the #VEs that @vcpu asked for. */
bool tdx_call_cpuid(struct vcpu *v, const struct tdx_vcpu *vcpu, u32 leaf, u32 subleaf,
		    struct cpuid_values *values);

/* Gives @v the registers of a call, by enum tdx_gpr. */
void tdx_call_registers(struct vcpu *v, const u64 *gpr);

/* TDCALL at RIP. */
void tdx_call(struct vcpu *v);
