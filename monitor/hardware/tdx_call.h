/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDCALL: the module's leaves and, behind TDG.VP.VMCALL, the host's.
 */
#pragma once

#include "monitor/svm/insn.h"
#include "monitor/svm/vcpu.h"

/* What module and host need of the machine. */
extern const struct tdx_machine tdx_machine;

/* tdx_cpuid() for @v, with the #VEs that @vcpu asked for. */
bool tdx_call_cpuid(struct vcpu *v, const struct tdx_vcpu *vcpu, u32 leaf, u32 subleaf,
		    struct cpuid_values *values);

/* TDCALL at RIP. */
void tdx_call(struct vcpu *v, const struct insn *insn);
