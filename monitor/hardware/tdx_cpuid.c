/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPUID of a TD: see tdx_cpuid.h.
 */
#include "monitor/hardware/tdx_cpuid.h"
#include "abi/x86.h"

#define LEAF_DESCRIPTORS 0x02
#define LEAF_STRUCTURED  0x07
#define LEAF_TSC         0x15
#define LEAF_BASIC_LAST  0x23 /* all zeros: what a leaf out of range shows */
#define LEAF_POWER       0x80000007
#define LEAF_EXT_LAST    0x80000008
#define LEAF_HOST_FIRST  0x40000000
#define LEAF_HOST_LAST   0x4fffffff

#define L1_ECX_X2APIC   BIT(21)
#define L1_ECX_DCA      BIT(18)
#define L1_EDX_FIXED    (BIT(7) | BIT(12) | BIT(14))  /* MCE, MTRR, MCA */
#define L1_ECX_AVX      (BIT(12) | BIT(28) | BIT(29)) /* FMA, AVX, F16C */
#define L7_EBX_AVX2     BIT(5)
#define L7_ECX_TME      BIT(13)
#define L7_EDX_PCONFIG  BIT(18)
#define L7_ECX_AVX      (BIT(9) | BIT(10)) /* VAES, VPCLMULQDQ */
#define XFAM_AVX        BIT(2)
#define L7_EDX_ARCH_CAP BIT(29)
#define EXT_ECX_INTEL   (BIT(0) | BIT(5) | BIT(8)) /* LAHF, LZCNT, PREFETCHW */
#define EXT_EDX_SYSCALL BIT(11)
#define EXT_EDX_INTEL   (EXT_EDX_SYSCALL | BIT(20) | BIT(26) | BIT(27) | BIT(29))
#define POWER_EDX_TSC   BIT(8) /* invariant TSC */
#define LINEAR_BITS     48
#define CRYSTAL_HZ      25000000
#define TSC_DENOMINATOR 250
#define TSC_UNIT_KHZ    (CRYSTAL_HZ / 1000 / TSC_DENOMINATOR)

/* Leaves that belong to the host, or describe what a TD does not get. */
static bool raises_ve(const struct tdx_cpuid *c, u32 leaf)
{
	u64 own = c->cpl ? TDX_CPUIDVE_USER : TDX_CPUIDVE_SUPERVISOR;

	if ((leaf >= LEAF_HOST_FIRST && leaf <= LEAF_HOST_LAST) || c->vcpu->cpuid_ve & own)
		return true;
	switch (leaf) {
	case LEAF_DESCRIPTORS: return !(c->td->td_ctls & TD_CTLS_VIRT_CPUID2);
	case CPUID_TOPOLOGY:
	case CPUID_TOPOLOGY_2: return !(c->td->td_ctls & TD_CTLS_ENUM_TOPOLOGY);
	case 0x06: /* thermal and power */
	case 0x09: /* direct cache access */
	case 0x0c:
	case 0x0f: /* resource director */
	case 0x10:
	case 0x16: /* frequencies */
	case 0x17: /* vendor attributes */
	case 0x1b: /* PCONFIG */
	case 0x80000002:
	case 0x80000003:
	case 0x80000004:
	case 0x80000005: return true;
	default: return false;
	}
}

/* As the processor below has it, with the XSAVE features of XFAM only. */
static struct cpuid_values base(const struct tdx_cpuid *c, u32 leaf)
{
	struct cpuid_model model = *c->base;

	model.xcr0_supported &= c->td->info.xfam;
	return cpuid_get(&model, &c->cpu, leaf, c->subleaf);
}

static bool has_avx(const struct tdx_cpuid *c) { return c->td->info.xfam & XFAM_AVX; }

static struct cpuid_values get_features(const struct tdx_cpuid *c)
{
	struct cpuid_values v = base(c, CPUID_FEATURES);

	if (!has_avx(c))
		v.ecx &= ~(u32)L1_ECX_AVX;
	v.eax = TDX_CPUID_FMS;
	v.ecx &= ~(u32)L1_ECX_DCA;
	v.ecx |= L1_ECX_X2APIC;
	v.edx |= L1_EDX_FIXED;
	return v;
}

static struct cpuid_values get_structured(const struct tdx_cpuid *c)
{
	struct cpuid_values v = base(c, LEAF_STRUCTURED);

	if (c->subleaf)
		return v;
	if (!has_avx(c)) {
		v.ebx &= ~(u32)L7_EBX_AVX2;
		v.ecx &= ~(u32)L7_ECX_AVX;
	}
	v.ecx &= ~(u32)L7_ECX_TME;
	v.edx &= ~(u32)L7_EDX_PCONFIG;
	v.edx |= L7_EDX_ARCH_CAP;
	return v;
}

/*
 * TSC frequency = ECX * EBX / EAX. The module has 25 MHz units, which suit its scaled TSC; finer
 * ones here. Linux multiplies kHz and EBX in 32 bits.
 */
static struct cpuid_values get_tsc(const struct tdx_cpuid *c)
{
	if (!c->tsc_khz)
		return (struct cpuid_values){ 0 };
	return (struct cpuid_values){
		.eax = TSC_DENOMINATOR,
		.ebx = (u32)((c->tsc_khz + TSC_UNIT_KHZ / 2) / TSC_UNIT_KHZ),
		.ecx = CRYSTAL_HZ,
	};
}

static struct cpuid_values get_ext_features(const struct tdx_cpuid *c)
{
	struct cpuid_values v = base(c, CPUID_EXT_FEATURES);

	return (struct cpuid_values){
		.ecx = v.ecx & EXT_ECX_INTEL,
		.edx = v.edx & EXT_EDX_INTEL & (c->is_64bit ? ~0U : ~(u32)EXT_EDX_SYSCALL),
	};
}

static struct cpuid_values answer(const struct tdx_cpuid *c, u32 leaf)
{
	switch (leaf) {
	case CPUID_VENDOR:
		return (struct cpuid_values){ LEAF_BASIC_LAST, INTEL_VENDOR_EBX, INTEL_VENDOR_ECX,
					      INTEL_VENDOR_EDX };
	case CPUID_FEATURES: return get_features(c);
	case LEAF_STRUCTURED: return get_structured(c);
	case LEAF_TSC: return get_tsc(c);
	case CPUID_TOPOLOGY:
	case CPUID_TOPOLOGY_2: return base(c, CPUID_TOPOLOGY);
	case CPUID_XSTATE: return base(c, leaf);
	case TDX_CPUID:
		return (struct cpuid_values){ 0, TDX_SIGNATURE_EBX, TDX_SIGNATURE_ECX,
					      TDX_SIGNATURE_EDX };
	case CPUID_EXT_MAX: return (struct cpuid_values){ .eax = LEAF_EXT_LAST };
	case CPUID_EXT_FEATURES: return get_ext_features(c);
	case LEAF_POWER: return (struct cpuid_values){ .edx = POWER_EDX_TSC };
	case LEAF_EXT_LAST: return (struct cpuid_values){ .eax = LINEAR_BITS << 8 | c->td->gpaw };
	default: return (struct cpuid_values){ 0 };
	}
}

bool tdx_cpuid(const struct tdx_cpuid *cpuid, struct cpuid_values *values)
{
	u32 leaf = cpuid->leaf;

	if (leaf > LEAF_EXT_LAST || (leaf > LEAF_BASIC_LAST && leaf < LEAF_HOST_FIRST) ||
	    (leaf > LEAF_HOST_LAST && leaf < CPUID_EXT_MAX))
		leaf = LEAF_BASIC_LAST;
	if (raises_ve(cpuid, leaf))
		return false;
	*values = answer(cpuid, leaf);
	return true;
}
