/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPUID as the TDX module virtualises it: an Intel processor made from the one below, and the
 * leaves that the module leaves to the host, by #VE.
 * Spec: TDX-BASE (CPUID virtualization), TDX-CPU (leaf 0x21), SDM2 CPUID.
 */
#pragma once

#include "monitor/hardware/tdx_td.h"

#define TDX_CPUID_FMS 0x000806f8 /* family 6, model 0x8f: the first with TDX */

/* One CPUID instruction. */
struct tdx_cpuid {
	const struct tdx_td *td;
	const struct tdx_vcpu *vcpu;
	const struct cpuid_model *base; /* of a plain guest: cpuid_model_init() without SEV */
	struct cpuid_cpu cpu;
	u64 tsc_khz; /* leaf 0x15; 0: not told */
	unsigned int cpl;
	bool is_64bit;
	u32 leaf;
	u32 subleaf;
};

/* True: @values is the module's answer. False: the instruction raises #VE (VMX_EXIT_CPUID). */
bool tdx_cpuid(const struct tdx_cpuid *cpuid, struct cpuid_values *values);
