/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's CPUID shows its platform and KVM and hides SVM, what needs XSAVE where Linux could
 * not use it, and the monitor's LA57; the CPUID page holds what Linux as an SNP guest looks up.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/hardware/cpuid.c"
#include "../../monitor/hardware/cpuid_page.c"
#include "../../monitor/hardware/cpuid_xstate.c"

#define SNP_EAX 0x1a

/* A processor like QEMU's EPYC under TCG, but with every optional bit set. */
static struct {
	u32 basic_max;
	u32 ext_max;
	u32 xstate_forms; /* leaf 0xD.1 EAX */
} cpu_raw;

static struct cpuid_values raw_xstate(u32 subleaf)
{
	switch (subleaf) {
	case 0: return (struct cpuid_values){ 7, 0x999, 0x888, 0 };
	case 1: return (struct cpuid_values){ cpu_raw.xstate_forms, 0x777, 0, 0 };
	case 2: return (struct cpuid_values){ 0x100, 0x240, 0, 0 };
	default: return (struct cpuid_values){ 0 };
	}
}

static struct cpuid_values raw_cpu(void *context, u32 leaf, u32 subleaf)
{
	const struct cpuid_values all = { ~0U, ~0U, ~0U, ~0U };

	assert(context == &cpu_raw);
	switch (leaf) {
	case 0x00000000:
		return (struct cpuid_values){ cpu_raw.basic_max, 0x68747541, 0x444d4163,
					      0x69746e65 };
	case 0x00000007:
		return subleaf ? (struct cpuid_values){ 0 }
			       : (struct cpuid_values){ 1, ~0U, ~0U, ~0U };
	case 0x0000000b: return (struct cpuid_values){ subleaf < 2, subleaf < 2, subleaf, 77 };
	case 0x0000000d: return raw_xstate(subleaf);
	case 0x80000000: return (struct cpuid_values){ cpu_raw.ext_max, 1, 2, 3 };
	case 0x80000008: return (struct cpuid_values){ 0x3934, 0, 0, 0 };
	case 0x8000001d: return subleaf < 4 ? all : (struct cpuid_values){ 0 };
	case 0x8000001e: return (struct cpuid_values){ 77, 0x101, 2, 0 };
	}
	return leaf <= cpu_raw.basic_max || (leaf >> 31 && leaf <= cpu_raw.ext_max)
		       ? all
		       : (struct cpuid_values){ 0 };
}

static struct cpuid_model model;
static struct cpuid_cpu cpu;

static void setup(u32 sev_eax)
{
	cpu_raw.basic_max = 0xd;
	cpu_raw.ext_max = 0x8000001e;
	cpu_raw.xstate_forms = 1; /* XSAVEOPT alone: TCG */
	cpu = (struct cpuid_cpu){ .apic_id = 3, .xcr0 = 1 };
	cpuid_model_init(&model, raw_cpu, &cpu_raw, sev_eax, 51, 4);
}

static struct cpuid_values leaf_at(u32 leaf, u32 subleaf)
{
	return cpuid_get(&model, &cpu, leaf, subleaf);
}

/* The timer's TSC-deadline mode is played for those whose APIC registers the host answers. */
static void test_deadline(void)
{
	setup(CPUID_SEV_EAX_SEV);
	assert(!(leaf_at(1, 0).ecx & BIT(24)));
	setup(CPUID_SEV_EAX_SEV | CPUID_SEV_EAX_SEV_ES);
	assert(leaf_at(1, 0).ecx & BIT(24));
	model.own_time = true; /* and to a TSC that stands still no deadline comes */
	assert(!(leaf_at(1, 0).ecx & BIT(24)));
}

static bool is_zero(u32 leaf)
{
	struct cpuid_values v = leaf_at(leaf, 0);

	return !(v.eax | v.ebx | v.ecx | v.edx);
}

static void test_features(void)
{
	struct cpuid_values v;

	setup(0);
	v = leaf_at(1, 0);
	assert(v.ebx >> 24 == 3 && (v.ebx >> 16 & 0xff) == 4);
	assert(v.ecx & BIT(31) && v.ecx & BIT(26) && v.ecx & BIT(28)); /* hypervisor XSAVE AVX */
	assert(!(v.ecx & BIT(27)) && !(v.ecx & BIT(5)) && !(v.ecx & BIT(3)));
	cpu.cr4 = CR4_OSXSAVE;
	assert(leaf_at(1, 0).ecx & BIT(27));
	v = leaf_at(0x80000001, 0);
	assert(!(v.ecx & BIT(2)) && !(v.ecx & BIT(12)) && v.ecx & BIT(0) && v.ecx & BIT(11));
	assert(is_zero(0x8000000a) && is_zero(5) && is_zero(0x8000001f));
	v = leaf_at(7, 0);
	assert(!(v.ecx & BIT(16)) && !(v.ecx & BIT(4)) && v.ebx & BIT(5) && v.ebx & BIT(7));
	assert(leaf_at(0x80000008, 0).eax == 0x3034); /* 52 and 48 bits */
}

/* XSAVE and AVX hidden: no compacted form that Linux could use. */
static void test_snp_without_xsavec(void)
{
	struct cpuid_values v;

	setup(SNP_EAX);
	cpu.cr4 = CR4_OSXSAVE;
	v = leaf_at(1, 0);
	assert(!(v.ecx & (BIT(12) | BIT(26) | BIT(27) | BIT(28) | BIT(29))));
	assert(v.ecx & BIT(25)); /* AES stays */
	v = leaf_at(7, 0);
	assert(v.eax == 0 && !(v.ebx & (BIT(5) | BIT(16) | BIT(31))) && v.ebx & BIT(7));
	assert(!(v.ecx & (BIT(9) | BIT(10))) && v.ecx & BIT(8));
	v = leaf_at(0x80000001, 0);
	assert(!(v.ecx & (BIT(11) | BIT(16))) && v.ecx & BIT(22));
	v = leaf_at(0xd, 0);
	assert(v.eax == 3 && v.ebx == 0x240 && v.ecx == 0x240);
	v = leaf_at(0xd, 1);
	assert(v.eax == 2 && v.ebx == 0x240 && !v.ecx && !v.edx);
	v = leaf_at(0xd, 2);
	assert(!v.eax && !v.ebx);
}

static void test_snp_with_xsavec(void)
{
	setup(SNP_EAX);
	cpu_raw.xstate_forms = 0xf;
	cpuid_model_init(&model, raw_cpu, &cpu_raw, SNP_EAX, 51, 4);
	cpu.cr4 = CR4_OSXSAVE;
	assert(leaf_at(1, 0).ecx & BIT(26) && leaf_at(1, 0).ecx & BIT(27));
	assert(leaf_at(0xd, 0).eax == 7 && leaf_at(0xd, 0).ebx == 0x240);
	assert(leaf_at(0xd, 0).ecx == 0x340 && leaf_at(0xd, 1).eax == 0xf);
	cpu.xcr0 = 7;
	assert(leaf_at(0xd, 0).ebx == 0x340 && leaf_at(0xd, 1).ebx == 0x340);
	cpu.xcr0 = ~U64_C(0); /* the guest's word on what it enabled goes no further */
	assert(leaf_at(0xd, 0).ebx == 0x340);
	assert(leaf_at(0xd, 2).eax == 0x100 && leaf_at(0xd, 63).eax == 0);
	assert(leaf_at(0xd, ~0U).eax == 0);
}

static void test_sev(void)
{
	setup(SNP_EAX);
	assert(leaf_at(0x80000000, 0).eax == 0x8000001f && leaf_at(0x80000000, 0).ebx == 1);
	assert(leaf_at(0x8000001f, 0).eax == SNP_EAX);
	assert(leaf_at(0x8000001f, 0).ebx == (51 | 1 << 6 | 1U << 31));
	assert(!leaf_at(0x8000001f, 0).ecx);
	assert(leaf_at(0x80000008, 0).eax == 0x3033); /* 51 bits: below the C-bit */
	cpu_raw.ext_max = 0x80000021;
	assert(leaf_at(0x80000000, 0).eax == 0x80000021 && is_zero(0x80000020));
	setup(0);
	assert(leaf_at(0x80000000, 0).eax == 0x8000001e);
	cpu_raw.ext_max = 0x8000001f;
	assert(is_zero(0x8000001f));
}

static void test_topology(void)
{
	setup(0);
	assert(leaf_at(0xb, 0).edx == 3 && leaf_at(0xb, 1).eax == 1);
	assert(leaf_at(0x8000001e, 0).eax == 3 && leaf_at(0x8000001e, 0).ebx == 0x101);
}

static void test_hypervisor(void)
{
	struct cpuid_values v;

	setup(0);
	v = leaf_at(0x40000000, 0);
	assert(v.eax == 0x40000001 && !memcmp(&v.ebx, "KVMKVMKVM\0\0\0", 12));
	assert(leaf_at(0x40000001, 0).eax == cpuid_kvm_features(false));
	assert(is_zero(0x40000002) && is_zero(0x40000101) && is_zero(0x4000ffff));
	v = leaf_at(0x40000100, 0);
	assert(v.eax == 0x40000100 && !memcmp(&v.ebx, "PosternMon\0\0", 12));
	assert(cpuid_kvm_features(true) & BIT(KVM_FEATURE_HC_MAP_GPA_RANGE));
	assert(!(cpuid_kvm_features(false) & BIT(KVM_FEATURE_HC_MAP_GPA_RANGE)));
	model.kvm_features = 0;
	assert(is_zero(0x40000000) && is_zero(0x40000001) && leaf_at(1, 0).ecx & BIT(31));
}

static void test_out_of_range(void)
{
	setup(0);
	assert(is_zero(0xe) && is_zero(0x3fffffff) && is_zero(0x7fffffff));
	assert(is_zero(0x80000020) && is_zero(0xffffffff) && is_zero(0xc0000000));
}

static const struct snp_cpuid_fn *lookup(const struct snp_cpuid_page *page, u32 leaf, u32 subleaf)
{
	const struct snp_cpuid_fn *found = NULL;

	for (u32 i = 0; i < page->count; i++)
		if (page->fn[i].eax_in == leaf && page->fn[i].ecx_in == subleaf) {
			assert(!found);
			found = &page->fn[i];
		}
	return found;
}

static void test_page(void)
{
	static struct snp_cpuid_page page;
	const struct snp_cpuid_fn *fn;

	setup(SNP_EAX);
	memset(&page, 0xa5, sizeof(page));
	assert(!cpuid_page_build(&model, &page));
	assert(page.count > 10 && page.count <= SNP_CPUID_COUNT_MAX);
	for (u32 i = page.count; i < SNP_CPUID_COUNT_MAX; i++)
		assert(!page.fn[i].eax_in && !page.fn[i].eax);
	assert(lookup(&page, 0, 0)->eax == 0xd);
	assert(lookup(&page, 1, 0)->ebx >> 24 == 0 && !(lookup(&page, 1, 0)->ecx & BIT(27)));
	assert(lookup(&page, 0xb, 0)->edx == 0 && lookup(&page, 0xb, 1));
	for (u32 subleaf = 0; subleaf <= 1; subleaf++) {
		fn = lookup(&page, 0xd, subleaf);
		assert(fn->xcr0_in == 1 && fn->xss_in == 0 && fn->ebx == 0x240);
	}
	assert(lookup(&page, 0xd, 1)->eax & BIT(1));
	assert(lookup(&page, 0x40000000, 0) && lookup(&page, 0x40000001, 0));
	assert(lookup(&page, 0x80000000, 0)->eax == 0x8000001f);
	assert(lookup(&page, 0x8000001f, 0)->eax == SNP_EAX);
	assert(lookup(&page, 0x8000001d, 3) && !lookup(&page, 0x8000001d, 4));
	assert(lookup(&page, 0x8000001e, 0)->eax == 0);
	assert(!lookup(&page, 0x8000000a, 0));
}

/* A processor with something in every leaf, and with all 61 extended states. */
static struct cpuid_values raw_full(void *context, u32 leaf, u32 subleaf)
{
	(void)context;
	(void)subleaf;
	return (struct cpuid_values){ leaf ? 0x8000002f : 0xd, ~0U, ~0U, ~0U };
}

static void test_page_too_small(void)
{
	static struct snp_cpuid_page page;

	cpuid_model_init(&model, raw_full, NULL, SNP_EAX, 51, 4);
	model.xcr0_supported = ~U64_C(0);
	assert(cpuid_page_build(&model, &page) == -E_NOSPC);
	assert(page.count == SNP_CPUID_COUNT_MAX);
}

int main(void)
{
	test_deadline();
	test_features();
	test_snp_without_xsavec();
	test_snp_with_xsavec();
	test_sev();
	test_topology();
	test_hypervisor();
	test_out_of_range();
	test_page();
	test_page_too_small();
	return 0;
}
