/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each processor learns its own number and how many there are, in all sub-leaves of the topology,
 * of which KVM names the first only; a full list is left as it is.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../host/cpuid.c"

static struct cpuid_list list;

static const struct kvm_cpuid_entry2 *leaf(u32 function, u32 index)
{
	for (u32 i = 0; i < list.count; i++)
		if (list.entries[i].function == function && list.entries[i].index == index)
			return &list.entries[i];
	return NULL;
}

static void start(void)
{
	list = (struct cpuid_list){
		.count = 3,
		.entries = { { .function = CPUID_FEATURES, .ebx = 0xaabbccdd },
			     { .function = LEAF_TOPOLOGY },
			     { .function = KVM_CPUID_FEATURES, .eax = 1 } },
	};
}

static void test_processor(void)
{
	start();
	cpuid_adapt(&list, 2, 4);
	assert(leaf(CPUID_FEATURES, 0)->ebx == 0x0204ccdd);
	assert(leaf(CPUID_FEATURES, 0)->edx & FEATURES_EDX_HTT);
	assert(leaf(LEAF_TOPOLOGY, 0)->ebx == 1 && leaf(LEAF_TOPOLOGY, 0)->ecx == 0x100);
	assert(leaf(LEAF_TOPOLOGY, 1)->eax == 2 && leaf(LEAF_TOPOLOGY, 1)->ebx == 4);
	assert(leaf(LEAF_TOPOLOGY, 1)->ecx == 0x201 && leaf(LEAF_TOPOLOGY, 1)->edx == 2);
	assert(leaf(LEAF_TOPOLOGY, 1)->flags == KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
	assert(leaf(LEAF_TOPOLOGY, 2)->ebx == 0 && leaf(LEAF_TOPOLOGY, 2)->ecx == 2);
	assert(!leaf(LEAF_TOPOLOGY_2, 0) && !leaf(LEAF_TOPOLOGY_2, 1) && list.count == 5);
	assert(leaf(KVM_CPUID_FEATURES, 0)->eax & BIT(KVM_FEATURE_HC_MAP_GPA_RANGE));
	cpuid_adapt(&list, 3, 4);
	assert(list.count == 5 && leaf(LEAF_TOPOLOGY, 1)->edx == 3);
}

static void test_alone(void)
{
	start();
	cpuid_adapt(&list, 0, 1);
	assert(leaf(LEAF_TOPOLOGY, 1)->eax == 0 && leaf(LEAF_TOPOLOGY, 1)->ebx == 1);
	assert(!(leaf(CPUID_FEATURES, 0)->edx & FEATURES_EDX_HTT));
}

static void test_sev_leaf(void)
{
	start();
	list.entries[list.count++] =
		(struct kvm_cpuid_entry2){ .function = CPUID_SEV, .eax = 0x1f, .ebx = 0x173 };
	cpuid_adapt(&list, 0, 1);
	assert(leaf(CPUID_SEV, 0)->eax == 0x1f);
	cpuid_hide_sev(&list);
	assert(!leaf(CPUID_SEV, 0)->eax && !leaf(CPUID_SEV, 0)->ebx);
	assert(leaf(CPUID_FEATURES, 0)->ebx & 0xff);
}

/* An AMD processor tells its cores in two more leaves; elsewhere these are reserved. */
static void test_amd(void)
{
	start();
	list.entries[list.count++] = (struct kvm_cpuid_entry2){ .function = LEAF_SIZES, .ecx = 63 };
	cpuid_adapt(&list, 2, 3);
	assert(leaf(LEAF_SIZES, 0)->ecx == 63);
	list.entries[list.count++] = (struct kvm_cpuid_entry2){ .function = LEAF_EXT_TOPOLOGY };
	cpuid_adapt(&list, 2, 3);
	assert(leaf(LEAF_SIZES, 0)->ecx == 0x2002);
	assert(leaf(LEAF_EXT_TOPOLOGY, 0)->eax == 2 && leaf(LEAF_EXT_TOPOLOGY, 0)->ebx == 2);
	list.entries[list.count++] = (struct kvm_cpuid_entry2){ .function = LEAF_EXT_FEATURES };
	cpuid_adapt(&list, 2, 3);
	assert(leaf(LEAF_EXT_FEATURES, 0)->ecx == EXT_ECX_CMP_LEGACY);
	cpuid_adapt(&list, 0, 1);
	assert(!leaf(LEAF_EXT_FEATURES, 0)->ecx);
}

static void test_full(void)
{
	start();
	list.count = CPUID_ENTRIES_MAX;
	cpuid_adapt(&list, 1, 2);
	assert(list.count == CPUID_ENTRIES_MAX && !leaf(LEAF_TOPOLOGY, 1));
}

int main(void)
{
	test_processor();
	test_alone();
	test_sev_leaf();
	test_amd();
	test_full();
	return 0;
}
