/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SNP guest's CPUID page: what cpuid.c would answer to each leaf that can hold anything.
 */
#include "abi/kvm_para.h"
#include "abi/x86.h"
#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/hardware/cpuid_leaves.h"

#define LEAF_CACHE 0x8000001d

/* How many sub-leaves can hold anything; past them 0xB repeats ECX, 0x8000001D says "no more". */
static u32 subleaf_count(u32 leaf)
{
	switch (leaf) {
	case CPUID_STRUCTURED: return 2;
	case CPUID_TOPOLOGY: return 3;
	case CPUID_XSTATE: return XSTATE_END;
	case LEAF_CACHE: return 8;
	default: return 1;
	}
}

static int page_add(const struct cpuid_model *model, struct snp_cpuid_page *page, u32 leaf,
		    u32 subleaf)
{
	const struct cpuid_cpu reset = { .xcr0 = 1 };
	struct cpuid_values v = cpuid_get(model, &reset, leaf, subleaf);

	if (!(v.eax | v.ebx | v.ecx | v.edx))
		return 0;
	if (page->count == SNP_CPUID_COUNT_MAX)
		return -E_NOSPC;
	page->fn[page->count++] = (struct snp_cpuid_fn){
		.eax_in = leaf,
		.ecx_in = subleaf,
		.xcr0_in = leaf == CPUID_XSTATE && subleaf <= 1,
		.eax = v.eax,
		.ebx = v.ebx,
		.ecx = v.ecx,
		.edx = v.edx,
	};
	return 0;
}

static int page_add_range(const struct cpuid_model *model, struct snp_cpuid_page *page, u32 first,
			  u32 end)
{
	int error = 0;

	for (u32 leaf = first; leaf < end && !error; leaf++) {
		for (u32 subleaf = 0; subleaf < subleaf_count(leaf) && !error; subleaf++)
			error = page_add(model, page, leaf, subleaf);
	}
	return error;
}

int cpuid_page_build(const struct cpuid_model *model, struct snp_cpuid_page *page)
{
	int error;

	memset(page, 0, sizeof(*page));
	error = page_add_range(model, page, 0, LEAF_BASIC_END);
	if (!error)
		error = page_add_range(model, page, KVM_CPUID_SIGNATURE, KVM_CPUID_FEATURES + 1);
	if (!error)
		error = page_add_range(model, page, CPUID_EXT_MAX, LEAF_EXT_END);
	return error;
}
