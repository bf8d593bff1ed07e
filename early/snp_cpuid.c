/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CPUID page and its fix-ups.
 */
#include "early/snp_cpuid.h"

#include "lib/compiler.h"

#define LEAF_CACHE          0x4
#define LEAF_STRUCTURED     0x7
#define LEAF_TOPOLOGY       0xb
#define LEAF_RDT_MONITOR    0xf
#define LEAF_RDT_ALLOCATION 0x10
#define LEAF_EXT_CACHE      0x8000001d
#define LEAF_EXT_TOPOLOGY   0x8000001e
#define LEAF_EXT_QOS        0x80000020

#define FEATURES_EBX_APIC_ID 0xff000000
#define FEATURES_EDX_APIC    BIT(9)
#define STRUCTURED_ECX_OSPKE BIT(4)
#define XSTATE1_EAX_XSAVEC   BIT(1)
#define XSTATE1_EAX_XSAVES   BIT(3)
#define XSTATE_ECX_ALIGNED   BIT(1) /* of a component: begins at 64 bytes when compacted */
#define EXT_TOPOLOGY_ID      0xff

/* APM2 11.5.1: legacy area and XSAVE header */
#define XSAVE_FIXED_SIZE          0x240
#define XCR0_RESET                1
#define XCR0_RESET_SSE            3
#define XSTATE_EXTENDED(features) ((features) & ~U64_C(3) & ~BIT(63))

const char *snp_cpuid_page_error(const struct snp_cpuid_page *page)
{
	if (!page->count)
		return "CPUID page: no entries";
	if (page->count > SNP_CPUID_COUNT_MAX)
		return "CPUID page: more entries than fit";
	if (page->reserved_0x4 || page->reserved_0x8)
		return "CPUID page: reserved field is not zero";
	for (u32 i = 0; i < page->count; i++) {
		if (page->fn[i].reserved)
			return "CPUID page: reserved field of an entry is not zero";
	}
	return NULL;
}

static bool has_subleaves(u32 leaf)
{
	switch (leaf) {
	case LEAF_CACHE:
	case LEAF_STRUCTURED:
	case LEAF_TOPOLOGY:
	case CPUID_XSTATE:
	case LEAF_RDT_MONITOR:
	case LEAF_RDT_ALLOCATION:
	case LEAF_EXT_CACHE:
	case LEAF_EXT_QOS: return true;
	default: return false;
	}
}

/* Of leaf 0xD.0 and .1 the page may have entries for several XCR0: ours is the one at reset. */
static bool is_reset_state(const struct snp_cpuid_fn *fn)
{
	if (fn->eax_in != CPUID_XSTATE || fn->ecx_in > 1)
		return true;
	return (fn->xcr0_in == XCR0_RESET || fn->xcr0_in == XCR0_RESET_SSE) && !fn->xss_in;
}

static bool matches(const struct snp_cpuid_fn *fn, u32 leaf, u32 subleaf)
{
	return fn->eax_in == leaf && (!has_subleaves(leaf) || fn->ecx_in == subleaf) &&
	       is_reset_state(fn);
}

static bool find_leaf(const struct snp_cpuid_page *page, u32 leaf, u32 subleaf,
		      struct cpuid_regs *regs)
{
	*regs = (struct cpuid_regs){ 0 };
	for (u32 i = 0; i < page->count; i++) {
		const struct snp_cpuid_fn *fn = &page->fn[i];

		if (!matches(fn, leaf, subleaf))
			continue;
		*regs = (struct cpuid_regs){ fn->eax, fn->ebx, fn->ecx, fn->edx };
		return true;
	}
	return false;
}

/* An all-zero entry may be left out of the page: it counts as there inside its range. */
static bool in_range(const struct snp_cpuid_page *page, u32 leaf)
{
	struct cpuid_regs max;

	return find_leaf(page, leaf & 0xf0000000, 0, &max) && leaf <= max.eax;
}

static u32 merge(u32 ours, u32 hosts, u64 mask)
{
	return (ours & ~(u32)mask) | (hosts & (u32)mask);
}

static int fix_features(const struct snp_cpuid_context *c, struct cpuid_regs *r)
{
	struct cpuid_regs host;

	if (c->host(CPUID_FEATURES, 0, &host))
		return -E_IO;
	r->ebx = merge(r->ebx, host.ebx, FEATURES_EBX_APIC_ID);
	r->edx = merge(r->edx, host.edx, FEATURES_EDX_APIC);
	r->ecx = merge(r->ecx, c->cr4 & CR4_OSXSAVE ? ~0U : 0, CPUID_FEATURES_ECX_OSXSAVE);
	return 0;
}

static int fix_topology(const struct snp_cpuid_context *c, u32 subleaf, struct cpuid_regs *r)
{
	struct cpuid_regs host;

	if (c->host(LEAF_TOPOLOGY, subleaf, &host))
		return -E_IO;
	r->edx = host.edx; /* the x2APIC id */
	return 0;
}

static int fix_ext_topology(const struct snp_cpuid_context *c, struct cpuid_regs *r)
{
	struct cpuid_regs host;

	if (c->host(LEAF_EXT_TOPOLOGY, 0, &host))
		return -E_IO;
	r->eax = host.eax; /* extended APIC id */
	r->ebx = merge(r->ebx, host.ebx, EXT_TOPOLOGY_ID);
	r->ecx = merge(r->ecx, host.ecx, EXT_TOPOLOGY_ID);
	return 0;
}

/* The area that @features need, from the page's entries 0xD.2 and up: EAX = size, EBX = offset. */
static u32 xsave_size(const struct snp_cpuid_page *page, u64 features, bool compacted)
{
	u32 size = XSAVE_FIXED_SIZE;

	for (u32 i = 2; i < 63; i++) {
		struct cpuid_regs component;
		u32 end;

		if (!(XSTATE_EXTENDED(features) & BIT(i)) ||
		    !find_leaf(page, CPUID_XSTATE, i, &component))
			continue;
		if (compacted && component.ecx & XSTATE_ECX_ALIGNED)
			size = align_up(size, 64U);
		end = compacted ? size + component.eax : component.ebx + component.eax;
		size = end > size ? end : size;
	}
	return size;
}

static void fix_xstate(const struct snp_cpuid_context *c, u32 subleaf, struct cpuid_regs *r)
{
	u64 features = c->cr4 & CR4_OSXSAVE ? c->xcr0() : XCR0_RESET;

	if (subleaf == 0) {
		r->ebx = xsave_size(c->page, features, false);
	} else if (subleaf == 1 && r->eax & (XSTATE1_EAX_XSAVEC | XSTATE1_EAX_XSAVES)) {
		if (r->eax & XSTATE1_EAX_XSAVES)
			features |= c->xss();
		r->ebx = xsave_size(c->page, features, true);
	}
}

static void fix_structured(const struct snp_cpuid_context *c, u32 subleaf, struct cpuid_regs *r)
{
	if (subleaf == 0)
		r->ecx = merge(r->ecx, c->cr4 & CR4_PKE ? ~0U : 0, STRUCTURED_ECX_OSPKE);
}

int snp_cpuid(const struct snp_cpuid_context *context, u32 leaf, u32 subleaf,
	      struct cpuid_regs *regs)
{
	if (!find_leaf(context->page, leaf, subleaf, regs)) {
		if ((leaf & 0xf0000000) == CPUID_HYPERVISOR_BASE)
			return context->host(leaf, subleaf, regs);
		if (!in_range(context->page, leaf))
			return 0;
	}
	switch (leaf) {
	case CPUID_FEATURES: return fix_features(context, regs);
	case LEAF_STRUCTURED: fix_structured(context, subleaf, regs); return 0;
	case LEAF_TOPOLOGY: return fix_topology(context, subleaf, regs);
	case CPUID_XSTATE: fix_xstate(context, subleaf, regs); return 0;
	case LEAF_EXT_TOPOLOGY: return fix_ext_topology(context, regs);
	default: return 0;
	}
}
