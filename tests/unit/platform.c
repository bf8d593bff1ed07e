/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM is found where its signature is: behind another hypervisor's leaves too, of which there may
 * be as many as Linux looks at; else there is none.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "abi/kvm_para.h"
#include "lib/cpu.h"

static u32 kvm_base, looks;

static struct cpuid_regs fake_cpuid(u32 leaf, u32 subleaf)
{
	(void)subleaf;
	looks += leaf >> 28 == 4;
	if (leaf == CPUID_FEATURES)
		return (struct cpuid_regs){ .ecx = CPUID_FEATURES_ECX_HYPERVISOR };
	if (kvm_base && leaf == kvm_base)
		return (struct cpuid_regs){ leaf + 1, KVM_SIGNATURE_EBX, KVM_SIGNATURE_ECX,
					    KVM_SIGNATURE_EDX };
	if (kvm_base && leaf == kvm_base + 1)
		return (struct cpuid_regs){ .eax = 0x89 };
	if (leaf == KVM_CPUID_SIGNATURE)
		return (struct cpuid_regs){ leaf + 5, 0x7263694d, 0x666f736f, 0x76482074 };
	return (struct cpuid_regs){ 1, 2, 3, 4 }; /* as Intel's answer what is not there */
}

#define cpuid_raw              fake_cpuid
#define rdmsr_safe(msr, value) (*(value) = 1, 0)
#include "../../early/platform.c"

struct entry_record entry_record;
struct tdx_info tdx_info;

static void detect(u32 base)
{
	platform = (struct platform){ 0 };
	kvm_base = base;
	looks = 0;
	platform_detect();
}

int main(void)
{
	detect(0x40000000);
	assert(platform.kind == PLATFORM_KVM && platform.kvm_features == 0x89);
	assert(!strncmp(platform.hypervisor, "KVMKVMKVM", 9) && looks < 5);

	detect(0x40000100);
	assert(platform.kind == PLATFORM_KVM && platform.kvm_features == 0x89);
	assert(!strcmp(platform.hypervisor, "Microsoft Hv"));
	detect(0x4000ff00);
	assert(platform.kind == PLATFORM_KVM);

	detect(0x40010000); /* that is no place for it */
	assert(platform.kind == PLATFORM_PLAIN && !platform.kvm_features && looks < 300);
	detect(0);
	assert(platform.kind == PLATFORM_PLAIN && !platform.kvm_features);
	return 0;
}
