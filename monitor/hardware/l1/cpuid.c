/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cpuid.h. What Linux demands of an SNP host, and where: docs/snp-host.md.
 */
#include "monitor/hardware/l1/cpuid.h"

#include "abi/svm.h"
#include "abi/x86.h"

#define SVM_REVISION 1
#define VMPL_SHIFT   12
#define REDUCED_BITS 1 /* of physical addresses, by the C-bit */

/*
 * Not offered: AVIC, nested VMLOAD and VMSAVE, VGIF, pause filters, x2AVIC, V_NMI. KVM does
 * without.
 */
#define SVM_FEATURES                                                                               \
	(SVM_FEATURE_NP | SVM_FEATURE_LBR_VIRT | SVM_FEATURE_NRIPS | SVM_FEATURE_VMCB_CLEAN |      \
	 SVM_FEATURE_FLUSH_BY_ASID | SVM_FEATURE_DECODE_ASSISTS | SVM_FEATURE_SVME_ADDR_CHK)

/* Not offered: segmented RMP, RMPREAD, ciphertext hiding, Secure TSC, page flush by MSR. */
#define SEV_FEATURES                                                                               \
	(CPUID_SEV_EAX_SME | CPUID_SEV_EAX_SEV | CPUID_SEV_EAX_SEV_ES | CPUID_SEV_EAX_SEV_SNP |    \
	 CPUID_SEV_EAX_VMPL | CPUID_SEV_EAX_COHERENT | CPUID_SEV_EAX_64BIT_HOST |                  \
	 CPUID_SEV_EAX_DEBUG_SWAP)

struct cpuid_values l1_cpuid_get(const struct l1_cpuid *state, u32 leaf, struct cpuid_values raw)
{
	switch (leaf) {
	case CPUID_FEATURES:
		raw.ecx &= ~(u32)(CPUID_FEATURES_ECX_HYPERVISOR | CPUID_FEATURES_ECX_OSXSAVE);
		raw.ecx |= CPUID_FEATURES_ECX_X2APIC;
		raw.edx |= CPUID_FEATURES_EDX_HTT; /* the chip has more, whatever L1 is given */
		if (state->cr4 & CR4_OSXSAVE)
			raw.ecx |= CPUID_FEATURES_ECX_OSXSAVE;
		return raw;
	case CPUID_EXT_FEATURES: /* QEMU answers the leaves, but does not say so */
		raw.ecx |= CPUID_EXT_FEATURES_ECX_TOPOEXT;
		return raw;
	case CPUID_EXT_MAX:
		if (raw.eax < CPUID_SEV)
			raw.eax = CPUID_SEV;
		return raw;
	case CPUID_SVM: return (struct cpuid_values){ SVM_REVISION, L1_ASID_END, 0, SVM_FEATURES };
	case CPUID_SEV:
		return (struct cpuid_values){
			.eax = SEV_FEATURES,
			.ebx = state->cbit | REDUCED_BITS << CPUID_SEV_EBX_REDUCTION_SHIFT |
			       VMPL_COUNT << VMPL_SHIFT,
			.ecx = state->asid_count,
			.edx = state->sev_asid_first,
		};
	default: return raw;
	}
}
