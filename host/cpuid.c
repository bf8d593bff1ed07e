/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cpuid.h.
 */
#include "host/cpuid.h"

#include "abi/kvm_para.h"
#include "abi/x86.h"

#define LEAF_TOPOLOGY          0xb
#define LEAF_TOPOLOGY_2        0x1f
#define LEAF_EXT_FEATURES      0x80000001
#define LEAF_SIZES             0x80000008
#define LEAF_EXT_TOPOLOGY      0x8000001e
#define FEATURES_EDX_HTT       BIT(28)
#define EXT_ECX_CMP_LEGACY     BIT(1)  /* HTT counts cores, not threads of one */
#define SIZE_ECX_MASK          0xf0ffU /* threads less one, bits of a thread's number */
#define SIZE_ECX_ID_BITS_SHIFT 12
#define TOPOLOGY_LEVEL_SMT     1
#define TOPOLOGY_LEVEL_CORE    2

/* Bits that hold @count different ids. */
static unsigned int id_bits(unsigned int count)
{
	unsigned int bits = 0;

	while (BIT(bits) < count)
		bits++;
	return bits;
}

static void adapt_features(struct kvm_cpuid_entry2 *e, unsigned int index, unsigned int count)
{
	e->ebx = (e->ebx & 0xffff) | count << 16 | index << 24;
	e->ecx |= CPUID_FEATURES_ECX_HYPERVISOR;
	if (count > 1)
		e->edx |= FEATURES_EDX_HTT;
}

/* One thread a core, all cores in one package. */
static void adapt_topology(struct kvm_cpuid_entry2 *e, unsigned int index, unsigned int count)
{
	e->eax = e->ebx = 0;
	e->ecx = e->index;
	e->edx = index;
	if (e->index == 0) {
		e->ebx = 1;
		e->ecx |= TOPOLOGY_LEVEL_SMT << 8;
	} else if (e->index == 1) {
		e->eax = id_bits(count);
		e->ebx = count;
		e->ecx |= TOPOLOGY_LEVEL_CORE << 8;
	}
}

static void adapt_ext_features(struct kvm_cpuid_entry2 *e, unsigned int count)
{
	e->ecx &= ~(u32)EXT_ECX_CMP_LEGACY;
	if (count > 1)
		e->ecx |= EXT_ECX_CMP_LEGACY;
}

/* AMD's way to tell the same: APM3 E.4.7, E.4.17. */
static void adapt_size(struct kvm_cpuid_entry2 *e, unsigned int count)
{
	e->ecx = (e->ecx & ~SIZE_ECX_MASK) | (count - 1) | id_bits(count) << SIZE_ECX_ID_BITS_SHIFT;
}

static void adapt_ext_topology(struct kvm_cpuid_entry2 *e, unsigned int index)
{
	e->eax = index;
	e->ebx = index; /* the core's number; of one thread */
}

static void adapt_kvm(struct kvm_cpuid_entry2 *e)
{
	e->eax |= BIT(KVM_FEATURE_HC_MAP_GPA_RANGE) | BIT(KVM_FEATURE_MIGRATION_CONTROL);
}

static bool has(const struct cpuid_list *list, u32 function, u32 index)
{
	for (u32 i = 0; i < list->count && i < CPUID_ENTRIES_MAX; i++)
		if (list->entries[i].function == function && list->entries[i].index == index)
			return true;
	return false;
}

/* KVM offers the leaf's first sub-leaf only, and leaves the leaf to user space. */
static void add_topology(struct cpuid_list *list, u32 function)
{
	for (u32 index = 1; index <= TOPOLOGY_LEVEL_CORE; index++) {
		if (!has(list, function, index - 1) || has(list, function, index) ||
		    list->count >= CPUID_ENTRIES_MAX)
			continue;
		list->entries[list->count++] = (struct kvm_cpuid_entry2){
			.function = function,
			.index = index,
			.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
		};
	}
}

void cpuid_hide_sev(struct cpuid_list *list)
{
	for (u32 i = 0; i < list->count && i < CPUID_ENTRIES_MAX; i++) {
		struct kvm_cpuid_entry2 *e = &list->entries[i];

		if (e->function == CPUID_SEV)
			e->eax = e->ebx = e->ecx = e->edx = 0;
	}
}

void cpuid_adapt(struct cpuid_list *list, unsigned int index, unsigned int count)
{
	bool is_amd = has(list, LEAF_EXT_TOPOLOGY, 0);

	add_topology(list, LEAF_TOPOLOGY);
	add_topology(list, LEAF_TOPOLOGY_2);
	for (u32 i = 0; i < list->count && i < CPUID_ENTRIES_MAX; i++) {
		struct kvm_cpuid_entry2 *e = &list->entries[i];

		switch (e->function) {
		case CPUID_FEATURES: adapt_features(e, index, count); break;
		case LEAF_TOPOLOGY:
		case LEAF_TOPOLOGY_2: adapt_topology(e, index, count); break;
		case LEAF_EXT_FEATURES:
			if (is_amd)
				adapt_ext_features(e, count);
			break;
		case LEAF_SIZES:
			if (is_amd)
				adapt_size(e, count);
			break;
		case LEAF_EXT_TOPOLOGY: adapt_ext_topology(e, index); break;
		case KVM_CPUID_FEATURES: adapt_kvm(e); break;
		default: break;
		}
	}
}
