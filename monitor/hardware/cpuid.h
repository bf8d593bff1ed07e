/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPUID as the guest sees it, made from what the processor under the monitor has, and the SNP
 * CPUID page made from that.
 * Spec: APM3 appendix E, KVM-CPUID, SNP-FW (CPUID page).
 */
#pragma once

#include "abi/sev.h"
#include "lib/errno.h"

struct cpuid_values {
	u32 eax;
	u32 ebx;
	u32 ecx;
	u32 edx;
};

/* The raw processor's answer. */
typedef struct cpuid_values (*cpuid_raw_t)(void *context, u32 leaf, u32 subleaf);

/* One for the machine. */
struct cpuid_model {
	cpuid_raw_t raw;
	void *context;
	u32 sev_eax;       /* CPUID_SEV_EAX_* of the platform; 0: leaf 0x8000001F hidden */
	unsigned int cbit; /* where sev_eax is set */
	u32 kvm_features;  /* leaf 0x40000001 EAX; see cpuid_kvm_features() */
	unsigned int cpu_count;
	bool intel;         /* shows Intel's name, and nothing that is AMD's alone */
	bool own_time;      /* the TSC stands still at exits: no timer by it */
	bool false_name;    /* shows Intel's name, with all that is AMD's: a lie */
	u64 xcr0_supported; /* 0: XSAVE and AVX hidden (see cpuid_model_init) */
};

/* State of the asking processor that shows in CPUID. */
struct cpuid_cpu {
	u32 apic_id;
	bool apic_off; /* by APIC_BASE: CPUID shows none. SDM3 11.4.3 */
	u64 cr4;
	u64 xcr0;
	u64 xss;
};

/* BIT(KVM_FEATURE_*) that the monitor offers: a guest with SEV in any form (@encrypted) more. */
u32 cpuid_kvm_features(bool encrypted);

/*
 * @sev_eax without SNP: the guest keeps XSAVE and AVX. Linux as an SNP guest insists on XSAVEC
 * or XSAVES in leaf 0xD.1; where the processor has neither (TCG), XSAVE and AVX are hidden in
 * leaf 1 and 7, and XSAVEC is shown in 0xD.1 alone, where nobody without OSXSAVE can use it.
 */
void cpuid_model_init(struct cpuid_model *model, cpuid_raw_t raw, void *context, u32 sev_eax,
		      unsigned int cbit, unsigned int cpu_count);

struct cpuid_values cpuid_get(const struct cpuid_model *model, const struct cpuid_cpu *cpu,
			      u32 leaf, u32 subleaf);

/*
 * Fills the SNP CPUID page: every leaf that is not all zeros, the hypervisor's included (Linux
 * takes a leaf that is absent for zeros and never asks), with what depends on the processor's
 * state as at reset: APIC ids 0, OSXSAVE clear, 0xD.0 and 0xD.1 for XCR0 = 1 and XSS = 0.
 * -E_NOSPC: more than SNP_CPUID_COUNT_MAX leaves.
 */
must_check int cpuid_page_build(const struct cpuid_model *model, struct snp_cpuid_page *page);
