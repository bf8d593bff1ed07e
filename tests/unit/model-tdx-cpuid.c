/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD sees an Intel processor with TDX and x2APIC, made from an AMD one; the hypervisor's leaves
 * and those that the module leaves to the host raise #VE, as does every leaf where the guest asks.
 * RUN: %monitor-cc %s %root/lib/format.c -o %t
 */
#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/hardware/tdx_cpuid.h"
#include "tests/unit/Inputs/tdx_machine.h"

static struct cpuid_model base;
static struct tdx_cpuid cpuid;
static struct cpuid_values v;

/* EPYC under TCG, roughly */
static struct cpuid_values raw(void *c, u32 leaf, u32 subleaf)
{
	(void)c;
	switch (leaf) {
	case CPUID_VENDOR: return (struct cpuid_values){ 0xd, 0x68747541, 0x444d4163, 0x69746e65 };
	case CPUID_FEATURES:
		return (struct cpuid_values){ 0x00800f12, 0, 0xffffffff & ~BIT(21), 0x178bfbff };
	case 7: return (struct cpuid_values){ 0, 0x209c01a9, BIT(16) | BIT(13), BIT(18) };
	case 0xb: return (struct cpuid_values){ 0, 1, 0x100 | subleaf, 7 };
	case CPUID_XSTATE:
		return subleaf == 2 ? (struct cpuid_values){ .eax = 256, .ebx = 576 }
				    : (struct cpuid_values){ 7, 832, 832, 0 };
	case CPUID_EXT_MAX: return (struct cpuid_values){ .eax = 0x8000001f };
	case CPUID_EXT_FEATURES: return (struct cpuid_values){ 0x00800f12, 0, ~0U, ~0U };
	default: return (struct cpuid_values){ 1, 2, 3, 4 };
	}
}

static void setup_cpuid(void)
{
	setup();
	cpuid_model_init(&base, raw, NULL, 0, 0, 1);
	cpuid = (struct tdx_cpuid){
		.td = &td,
		.vcpu = &vcpu,
		.base = &base,
		.cpu = { .apic_id = 3, .xcr0 = 7 },
		.tsc_khz = 2345678,
		.is_64bit = true,
	};
}

static bool native(u32 leaf, u32 subleaf)
{
	cpuid.leaf = leaf;
	cpuid.subleaf = subleaf;
	return tdx_cpuid(&cpuid, &v);
}

static bool is_zero(void) { return !(v.eax | v.ebx | v.ecx | v.edx); }

static void test_identity(void)
{
	char name[13] = { 0 };

	setup_cpuid();
	assert(native(TDX_CPUID, 0) && !v.eax);
	memcpy(name, &v.ebx, 4);
	memcpy(name + 4, &v.edx, 4);
	memcpy(name + 8, &v.ecx, 4);
	assert(!strcmp(name, "IntelTDX    "));
	assert(native(CPUID_VENDOR, 0) && v.eax >= TDX_CPUID);
	memcpy(name, &v.ebx, 4);
	memcpy(name + 4, &v.edx, 4);
	memcpy(name + 8, &v.ecx, 4);
	assert(!strcmp(name, "GenuineIntel"));
	assert(native(CPUID_FEATURES, 0) && bits_get(v.eax, 11, 8) == 6);
	assert(v.ecx & BIT(21) && v.ecx & CPUID_FEATURES_ECX_HYPERVISOR && v.edx & BIT(12));
	assert(!(v.ecx & BIT(5)) && !(v.ecx & CPUID_FEATURES_ECX_OSXSAVE) && v.ebx >> 24 == 3);
	/* what the MSRs and instructions of a TD do not have: MONITOR, DCA, TSC deadline */
	assert(!(v.ecx & (BIT(3) | BIT(18) | BIT(24))));
	cpuid.cpu.cr4 = CR4_OSXSAVE;
	assert(native(CPUID_FEATURES, 0) && v.ecx & CPUID_FEATURES_ECX_OSXSAVE);
}

static void test_leaves(void)
{
	setup_cpuid();
	assert(native(7, 0) && v.edx == BIT(29) && v.ebx == 0x209c01a9 && !v.ecx);
	assert(native(CPUID_XSTATE, 0) && v.eax == 7 && v.ebx == 832);
	assert(native(CPUID_XSTATE, 2) && v.eax == 256 && v.ebx == 576);
	assert(native(0x15, 0) && U64_C(2345700000) == (u64)v.ecx * v.ebx / v.eax);
	cpuid.tsc_khz = 0;
	assert(native(0x15, 0) && is_zero());
	assert(native(CPUID_EXT_MAX, 0) && v.eax == CPUID_ADDRESS_SIZES);
	assert(native(CPUID_ADDRESS_SIZES, 0) && v.eax == (48 << 8 | 52));
	assert(native(0x80000007, 0) && v.edx == BIT(8));
	/* nothing of AMD's, and SYSCALL in 64-bit mode only */
	assert(native(CPUID_EXT_FEATURES, 0) && !(v.ecx & CPUID_EXT_FEATURES_ECX_SVM));
	assert(v.edx & BIT(29) && v.edx & BIT(20) && v.edx & BIT(11) && !v.eax);
	cpuid.is_64bit = false;
	assert(native(CPUID_EXT_FEATURES, 0) && !(v.edx & BIT(11)));
	/* out of range: as the highest basic leaf, which is empty */
	assert(native(CPUID_SEV, 0) && is_zero());
	assert(native(0x24, 0) && is_zero());
	assert(native(0x50000000, 0) && is_zero());
	assert(native(4, 0) && is_zero() && native(0xa, 0) && is_zero());
}

/* XFAM decides on AVX. */
static void test_xfam(void)
{
	setup_cpuid();
	assert(native(CPUID_FEATURES, 0) && v.ecx & BIT(28) && native(7, 0) && v.ebx & BIT(5));
	td.info.xfam = 3;
	assert(native(CPUID_FEATURES, 0) && !(v.ecx & BIT(28)) && v.ecx & BIT(26));
	assert(native(7, 0) && !(v.ebx & BIT(5)) && v.edx == BIT(29));
	assert(native(CPUID_XSTATE, 0) && v.eax == 3 && v.ecx == 576);
	assert(native(CPUID_XSTATE, 2) && is_zero());
}

static void test_ve(void)
{
	static const u32 leaves[] = { 0x40000000, 0x40000001, 0x4fffffff, 0x2,  0x6,
				      0x9,        0xb,        0xc,        0xf,  0x10,
				      0x16,       0x17,       0x1b,       0x1f, 0x80000002,
				      0x80000003, 0x80000004, 0x80000005 };

	setup_cpuid();
	for (unsigned int i = 0; i < array_count(leaves); i++)
		assert(!native(leaves[i], 0));
	/* what the guest turns on or off itself */
	td.td_ctls |= TD_CTLS_ENUM_TOPOLOGY;
	assert(native(0xb, 1) && v.ebx == 1 && v.ecx == 0x101 && v.edx == 3);
	assert(native(0x1f, 0) && v.edx == 3);
	td.td_ctls |= TD_CTLS_VIRT_CPUID2;
	assert(native(2, 0) && is_zero());
	vcpu.cpuid_ve = TDX_CPUIDVE_USER;
	assert(native(0, 0));
	cpuid.cpl = 3;
	assert(!native(0, 0));
	vcpu.cpuid_ve = TDX_CPUIDVE_SUPERVISOR;
	assert(native(0, 0));
	cpuid.cpl = 0;
	assert(!native(0, 0) && !native(TDX_CPUID, 0));
}

int main(void)
{
	test_identity();
	test_leaves();
	test_xfam();
	test_ve();
	return 0;
}
