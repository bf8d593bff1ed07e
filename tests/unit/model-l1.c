/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor that an SNP host finds: what Linux demands of its CPUID, and which MSRs it can
 * write, and when no more.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>

#include "../../abi/x86.h"
#include "../../monitor/hardware/l1/cpuid.c"
#include "../../monitor/hardware/l1/msr_state.c"

#define REFUSED ~U64_C(0)

static struct l1_msrs msrs;

static u64 get(u32 msr)
{
	u64 value = 0;

	return l1_msrs_access(&msrs, msr, false, &value) ? REFUSED : value;
}

static bool put(u32 msr, u64 value) { return !l1_msrs_access(&msrs, msr, true, &value); }

static void test_msrs(void)
{
	l1_msrs_reset(&msrs);
	assert(get(MSR_SYSCFG) == SYSCFG_MEM_ENCRYPT && get(MSR_HWCR) & HWCR_SMMLOCK);
	assert(get(MSR_RMP_BASE) == 0 && get(MSR_RMP_END) == 0);
	assert(put(MSR_RMP_BASE, 0x1000000) && put(MSR_RMP_END, 0x1ffffff));
	assert(!put(MSR_RMP_BASE, BIT(48)));
	assert(put(MSR_SYSCFG, SYSCFG_MEM_ENCRYPT | SYSCFG_SNP_EN | SYSCFG_VMPL_EN));
	assert(!put(MSR_RMP_BASE, 0x2000000) && !put(MSR_RMP_END, 0) &&
	       get(MSR_RMP_BASE) == 0x1000000);
	assert(!put(MSR_SYSCFG, SYSCFG_MEM_ENCRYPT) && !put(MSR_SYSCFG, 0));
	assert(put(MSR_SYSCFG, get(MSR_SYSCFG)));
	assert(put(MSR_VM_HSAVE_PA, 0x5000) && get(MSR_VM_HSAVE_PA) == 0x5000);
	assert(!put(MSR_VM_HSAVE_PA, 0x5008) && !put(MSR_VM_HSAVE_PA, BIT(48)));
	assert(!put(MSR_VM_CR, 0x20) && put(MSR_VM_CR, 0));
	assert(put(MSR_DEBUGCTL, 0x3f) && !put(MSR_DEBUGCTL, 0x40) && get(MSR_DEBUGCTL) == 0x3f);
	msrs.branches.records[3] = 7;
	assert(get(MSR_BR_FROM) == 0 && get(MSR_LAST_EXCP_TO) == 7 && !put(MSR_LAST_EXCP_TO, 7));
	assert(get(0xc0010131) == 0 && !put(0xc0010131, 1) && get(0xc0010130) == REFUSED);
}

static void test_cpuid(void)
{
	const struct cpuid_values raw = { 1, 2, 0xffffffff, 4 };
	struct l1_cpuid state = { 47, 0, 9, 4 };
	struct cpuid_values r = l1_cpuid_get(&state, 1, raw);

	assert(l1_cpuid_get(&state, 1, (struct cpuid_values){}).ecx == CPUID_FEATURES_ECX_X2APIC);
	assert(l1_cpuid_get(&state, 1, (struct cpuid_values){}).edx == CPUID_FEATURES_EDX_HTT);
	assert(l1_cpuid_get(&state, CPUID_EXT_FEATURES, (struct cpuid_values){}).ecx == BIT(22));
	assert(!(r.ecx & CPUID_FEATURES_ECX_HYPERVISOR) && !(r.ecx & CPUID_FEATURES_ECX_OSXSAVE));
	state.cr4 = CR4_OSXSAVE;
	assert(l1_cpuid_get(&state, 1, raw).ecx & CPUID_FEATURES_ECX_OSXSAVE);
	r = l1_cpuid_get(&state, CPUID_SVM, raw);
	/* sev_hardware_setup(), svm_hardware_setup() */
	assert(!(~r.edx & (BIT(0) | BIT(3) | BIT(6) | BIT(7))) && r.ebx > L1_ASID_COUNT + 1);
	r = l1_cpuid_get(&state, CPUID_SEV, raw);
	assert(r.ecx == 9 && r.edx == 4);
	assert(!(~r.eax & (BIT(1) | BIT(3) | BIT(4))) && (r.ebx & 0x3f) == 47);
	assert(r.edx > 1 && r.edx <= r.ecx && r.ecx < 1024);
	assert(l1_cpuid_get(&state, CPUID_EXT_MAX, raw).eax == CPUID_SEV);
	r = l1_cpuid_get(&state, 2, raw);
	assert(r.eax == raw.eax && r.ecx == raw.ecx);
}

int main(void)
{
	test_msrs();
	test_cpuid();
	return 0;
}
