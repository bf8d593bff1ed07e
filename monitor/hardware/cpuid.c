/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPUID as the guest sees it: see cpuid.h. Each leaf is the raw processor's, then changed.
 */
#include "monitor/hardware/cpuid.h"
#include "abi/emulation.h"
#include "abi/kvm_para.h"
#include "abi/tdx.h"
#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/hardware/cpuid_leaves.h"

/* Leaves that only this file needs: APM3 E.3, E.4 */
#define LEAF_CACHE_INTEL 0x00000004
#define LEAF_MONITOR     0x00000005
#define LEAF_EXT_APIC    0x8000001e

#define L1_ECX_MONITOR BIT(3)
#define L1_ECX_VMX     BIT(5)
#define L1_ECX_FMA     BIT(12)
#define L1_ECX_XSAVE   BIT(26)
#define L1_ECX_AVX     BIT(28)
#define L1_ECX_F16C    BIT(29)
/* The local APIC is played as one without x2APIC mode, and for some without this one. */
#define L1_ECX_X2APIC       BIT(21)
#define L1_ECX_TSC_DEADLINE BIT(24)
#define L1_ECX_NEVER                                                                               \
	(L1_ECX_MONITOR | L1_ECX_VMX | L1_ECX_X2APIC | L1_ECX_TSC_DEADLINE |                       \
	 CPUID_FEATURES_ECX_OSXSAVE)
#define L1_ECX_XSTATE (L1_ECX_FMA | L1_ECX_XSAVE | L1_ECX_AVX | L1_ECX_F16C)

/* Leaf 7.0: AVX2, MPX and the AVX-512 family; VAES, VPCLMULQDQ; LA57 */
#define L7_EBX_XSTATE 0xdc234020
#define L7_ECX_XSTATE 0x00005e42
#define L7_EDX_XSTATE 0x03c0010c
#define L7_ECX_PKU    (BIT(3) | BIT(4))
#define L7_ECX_LA57   BIT(16)

#define EXT_ECX_SKINIT BIT(12)
#define EXT_ECX_NEVER  (CPUID_EXT_FEATURES_ECX_SVM | EXT_ECX_SKINIT)
#define EXT_ECX_XSTATE (BIT(11) | BIT(16)) /* XOP, FMA4 */

#define XSTATE_XSAVES BIT(3)

#define LINEAR_BITS 48

/* What an Intel processor has of leaf 0x80000001 ECX: LAHF, LZCNT, PREFETCHW */
#define EXT_ECX_INTEL  (BIT(0) | BIT(5) | BIT(8))
#define EXT_LAST_INTEL CPUID_ADDRESS_SIZES
#define INTEL_FMS      0x000806f8 /* family 6, model 0x8f */

u32 cpuid_kvm_features(bool encrypted)
{
	u64 features = BIT(KVM_FEATURE_CLOCKSOURCE2) | BIT(KVM_FEATURE_CLOCKSOURCE_STABLE_BIT) |
		       BIT(KVM_FEATURE_ASYNC_PF) | BIT(KVM_FEATURE_ASYNC_PF_INT) |
		       BIT(KVM_FEATURE_STEAL_TIME) | BIT(KVM_FEATURE_PV_EOI) |
		       BIT(KVM_FEATURE_PV_SEND_IPI) | BIT(KVM_FEATURE_PV_SCHED_YIELD);

	return (u32)(features | (encrypted ? BIT(KVM_FEATURE_HC_MAP_GPA_RANGE) : 0));
}

static struct cpuid_values raw(const struct cpuid_model *model, u32 leaf, u32 subleaf)
{
	return model->raw(model->context, leaf, subleaf);
}

void cpuid_model_init(struct cpuid_model *model, cpuid_raw_t raw_cpuid, void *context, u32 sev_eax,
		      unsigned int cbit, unsigned int cpu_count)
{
	struct cpuid_values xstate = raw_cpuid(context, CPUID_XSTATE, 0);
	struct cpuid_values forms = raw_cpuid(context, CPUID_XSTATE, 1);
	struct cpuid_values features = raw_cpuid(context, CPUID_FEATURES, 0);
	bool has_xsave =
		raw_cpuid(context, 0, 0).eax >= CPUID_XSTATE && features.ecx & L1_ECX_XSAVE;
	bool compacts = forms.eax & (XSTATE_XSAVEC | XSTATE_XSAVES);

	*model = (struct cpuid_model){
		.raw = raw_cpuid,
		.context = context,
		.sev_eax = sev_eax,
		.cbit = cbit,
		.kvm_features = cpuid_kvm_features(sev_eax != 0),
		.cpu_count = cpu_count,
	};
	if (has_xsave && (compacts || !(sev_eax & CPUID_SEV_EAX_SEV_SNP)))
		model->xcr0_supported = (u64)xstate.edx << 32 | xstate.eax;
}

static struct cpuid_values get_features(const struct cpuid_model *model,
					const struct cpuid_cpu *cpu, struct cpuid_values v)
{
	v.ebx = (v.ebx & 0x0000ffff) | (model->cpu_count & 0xff) << 16 | cpu->apic_id << 24;
	v.ecx &= ~(u32)L1_ECX_NEVER;
	if (!model->xcr0_supported)
		v.ecx &= ~(u32)L1_ECX_XSTATE;
	else if (cpu->cr4 & CR4_OSXSAVE)
		v.ecx |= CPUID_FEATURES_ECX_OSXSAVE;
	v.ecx |= CPUID_FEATURES_ECX_HYPERVISOR;
	if (model->sev_eax & CPUID_SEV_EAX_SEV_ES && !model->own_time)
		v.ecx |= (u32)L1_ECX_TSC_DEADLINE;
	if (cpu->apic_off)
		v.edx &= ~(u32)CPUID_FEATURES_EDX_APIC;
	return v;
}

/* LA57 is the monitor's own need; the guest's tables have four levels. */
static struct cpuid_values get_structured(const struct cpuid_model *model, u32 subleaf,
					  struct cpuid_values v)
{
	if (subleaf) {
		if (!model->xcr0_supported)
			v = (struct cpuid_values){ 0 };
		return v;
	}
	v.ecx &= ~(u32)(L7_ECX_LA57 | L7_ECX_PKU);
	if (!model->xcr0_supported) {
		v.eax = 0;
		v.ebx &= ~L7_EBX_XSTATE;
		v.ecx &= ~L7_ECX_XSTATE;
		v.edx &= ~L7_EDX_XSTATE;
	}
	return v;
}

static struct cpuid_values get_ext_features(const struct cpuid_model *model,
					    const struct cpuid_cpu *cpu, struct cpuid_values v)
{
	v.ecx &= ~(u32)EXT_ECX_NEVER;
	if (!model->xcr0_supported)
		v.ecx &= ~(u32)EXT_ECX_XSTATE;
	if (cpu->apic_off)
		v.edx &= ~(u32)CPUID_FEATURES_EDX_APIC; /* AMD has it twice */
	return v;
}

/* A guest cannot name addresses from its C-bit on. */
static struct cpuid_values get_address_sizes(const struct cpuid_model *model, struct cpuid_values v)
{
	u32 physical = v.eax & 0xff;

	if (model->sev_eax && model->cbit < physical)
		physical = model->cbit;
	v.eax = LINEAR_BITS << 8 | physical;
	return v;
}

static struct cpuid_values get_sev(const struct cpuid_model *model)
{
	if (!model->sev_eax)
		return (struct cpuid_values){ 0 };
	return (struct cpuid_values){
		.eax = model->sev_eax,
		.ebx = model->cbit | 1U << CPUID_SEV_EBX_REDUCTION_SHIFT |
		       (u32)CPUID_SEV_EBX_COHERENCY_SFW_NO,
	};
}

static struct cpuid_values get_hypervisor(const struct cpuid_model *model, u32 leaf)
{
	if (model->kvm_features && leaf == KVM_CPUID_SIGNATURE)
		return (struct cpuid_values){ KVM_CPUID_FEATURES, KVM_SIGNATURE_EBX,
					      KVM_SIGNATURE_ECX, KVM_SIGNATURE_EDX };
	if (model->kvm_features && leaf == KVM_CPUID_FEATURES)
		return (struct cpuid_values){ .eax = model->kvm_features };
	if (leaf == EMULATION_CPUID_SIGNATURE)
		return (struct cpuid_values){ leaf, EMULATION_SIGNATURE_EBX,
					      EMULATION_SIGNATURE_ECX, EMULATION_SIGNATURE_EDX };
	return (struct cpuid_values){ 0 };
}

static u32 ext_max(const struct cpuid_model *model)
{
	u32 max = raw(model, CPUID_EXT_MAX, 0).eax;

	return model->sev_eax && max < CPUID_SEV ? CPUID_SEV : max;
}

/* Intel's, SVM's, and what tells of parts of the machine that a guest does not get. */
static bool is_hidden(u32 leaf)
{
	return leaf == LEAF_CACHE_INTEL || leaf == LEAF_MONITOR || leaf == CPUID_SVM ||
	       (leaf > CPUID_XSTATE && leaf < LEAF_BASIC_END) ||
	       (leaf > CPUID_SEV && leaf < LEAF_EXT_END);
}

static struct cpuid_values get_in_range(const struct cpuid_model *model,
					const struct cpuid_cpu *cpu, u32 leaf, u32 subleaf)
{
	struct cpuid_values v = { 0 };

	if (is_hidden(leaf))
		return v;
	v = raw(model, leaf, subleaf);
	switch (leaf) {
	case CPUID_FEATURES: return get_features(model, cpu, v);
	case CPUID_STRUCTURED: return get_structured(model, subleaf, v);
	case CPUID_TOPOLOGY: v.edx = cpu->apic_id; return v;
	case CPUID_XSTATE: return cpuid_xstate(model, cpu, subleaf);
	case CPUID_EXT_MAX: v.eax = ext_max(model); return v;
	case CPUID_EXT_FEATURES: return get_ext_features(model, cpu, v);
	case CPUID_ADDRESS_SIZES: return get_address_sizes(model, v);
	case LEAF_EXT_APIC: v.eax = cpu->apic_id; return v;
	case CPUID_SEV: return get_sev(model);
	}
	return v;
}

static struct cpuid_values show_intel(u32 leaf, struct cpuid_values v)
{
	switch (leaf) {
	case CPUID_VENDOR:
		return (struct cpuid_values){ v.eax, INTEL_VENDOR_EBX, INTEL_VENDOR_ECX,
					      INTEL_VENDOR_EDX };
	case CPUID_FEATURES: v.eax = INTEL_FMS; return v;
	case CPUID_EXT_MAX: return (struct cpuid_values){ .eax = EXT_LAST_INTEL };
	case CPUID_EXT_FEATURES: v.ecx &= (u32)EXT_ECX_INTEL; return v;
	}
	if (leaf > EXT_LAST_INTEL && leaf < LEAF_EXT_END)
		return (struct cpuid_values){ 0 };
	return v;
}

static struct cpuid_values get_amd(const struct cpuid_model *model, const struct cpuid_cpu *cpu,
				   u32 leaf, u32 subleaf)
{
	bool is_basic = leaf <= raw(model, CPUID_VENDOR, 0).eax;
	bool is_ext = leaf >= CPUID_EXT_MAX && leaf <= ext_max(model);

	if (leaf >> 16 == CPUID_HYPERVISOR_BASE >> 16)
		return get_hypervisor(model, leaf);
	/* where the range had to be extended up to the SEV leaf the processor itself has nothing */
	if (leaf == CPUID_SEV)
		return get_sev(model);
	if (!is_basic && !(is_ext && leaf <= raw(model, CPUID_EXT_MAX, 0).eax))
		return (struct cpuid_values){ 0 };
	return get_in_range(model, cpu, leaf, subleaf);
}

struct cpuid_values cpuid_get(const struct cpuid_model *model, const struct cpuid_cpu *cpu,
			      u32 leaf, u32 subleaf)
{
	struct cpuid_values v = get_amd(model, cpu, leaf, subleaf);

	if (model->intel || (model->false_name && leaf == CPUID_VENDOR))
		return show_intel(leaf, v);
	return v;
}
