/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extended state in CPUID: its components, and the sizes of areas that hold them. See cpuid.h.
 */
#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/hardware/cpuid_leaves.h"

#define XSTATE_LEGACY_SIZE 0x240 /* x87, SSE and the header: APM2 11.5.2 */
#define XSTATE_FIRST       2

/* The size of an XSAVE area with @features, in the standard or the compacted form. */
static u32 xstate_size(const struct cpuid_model *model, u64 features, bool compacted)
{
	u32 size = XSTATE_LEGACY_SIZE;

	for (u32 i = XSTATE_FIRST; i < XSTATE_END; i++) {
		struct cpuid_values v;

		if (!(features & BIT(i)))
			continue;
		v = model->raw(model->context, CPUID_XSTATE, i);
		if (compacted)
			size = (v.ecx & 2 ? align_up(size, 64U) : size) + v.eax;
		else if (v.eax + v.ebx > size)
			size = v.eax + v.ebx;
	}
	return size;
}

struct cpuid_values cpuid_xstate(const struct cpuid_model *model, const struct cpuid_cpu *cpu,
				 u32 subleaf)
{
	u64 supported = model->xcr0_supported;
	struct cpuid_values v = model->raw(model->context, CPUID_XSTATE, subleaf);
	bool hidden = !supported;

	if (subleaf == 0)
		return (struct cpuid_values){
			.eax = hidden ? 3 : (u32)supported,
			.ebx = xstate_size(model, cpu->xcr0 & supported, false),
			.ecx = xstate_size(model, supported, false),
			.edx = (u32)(supported >> 32),
		};
	if (subleaf == 1) {
		if (hidden)
			v = (struct cpuid_values){ .eax = XSTATE_XSAVEC };
		v.ebx = xstate_size(model, (cpu->xcr0 & supported) | cpu->xss, true);
		return v;
	}
	if (subleaf < XSTATE_END && supported & BIT(subleaf))
		return v;
	return (struct cpuid_values){ 0 };
}
