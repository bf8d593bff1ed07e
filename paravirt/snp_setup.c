/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SNP guest's first talk to its hypervisor, by MSR protocol only. Each step relies on those
 * before it; whatever is not as it must be terminates with its own reason.
 * Spec: GHCB 2.3.1, APM2 15.34.10 and 15.36.
 */
#include "early/ghcb_msr.h"
#include "early/launch_pages.h"
#include "lib/compiler.h"
#include "lib/log.h"
#include "paravirt/es.h"
#include "paravirt/ghcb.h"
#include "paravirt/psc.h"
#include "paravirt/snp.h"
#include "early/snp_cpuid.h"

/*
 * What asks nothing of the guest. Every other feature changes what it must do, so that a guest
 * that does not know it must refuse.
 */
#define SEV_STATUS_KNOWN                                                                           \
	(SEV_STATUS_SEV | SEV_STATUS_SEV_ES | SEV_STATUS_SEV_SNP | SEV_STATUS_DEBUG_SWAP |         \
	 SEV_STATUS_PREVENT_HOST_IBS | SEV_STATUS_BTB_ISOLATION | SEV_STATUS_SMT_PROTECTION |      \
	 SEV_STATUS_IBPB_ON_ENTRY)

static const u8 vmpl_probe_page[PAGE_SIZE] __aligned_page = { 0 };

static void check_features(void)
{
	if (!(ghcb_msr_hv_features() & GHCB_HV_FEATURE_SNP))
		ghcb_msr_terminate(GHCB_TERM_SET_GENERAL, GHCB_TERM_SNP_FEATURES);
	if (rdmsr(MSR_SEV_STATUS) & ~(u64)SEV_STATUS_KNOWN)
		ghcb_msr_terminate(GHCB_TERM_SET_GENERAL, GHCB_TERM_SNP_FEATURES);
}

/* Only VMPL 0 may change what VMPL 1 may do: nothing, as it is. */
static void check_vmpl(void)
{
	if (rmpadjust(pa_of(vmpl_probe_page).value, RMP_PG_SIZE_4K, 1))
		ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, GHCB_TERM_NOT_VMPL0);
}

static void set_eviction(void)
{
	struct cpuid_regs sev;

	snp_cpuid_now(CPUID_SEV, 0, &sev);
	psc_set_eviction(!(sev.ebx & CPUID_SEV_EBX_COHERENCY_SFW_NO));
}

static void check_cpuid_page(void)
{
	const char *error = snp_cpuid_page_error(&launch_cpuid_page);

	if (!error)
		return;
	log_error("%s", error);
	ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, GHCB_TERM_CPUID);
}

void snp_early_setup(void)
{
	es_check_protocol();
	check_features();
	check_vmpl();
	check_cpuid_page();
	set_eviction();
	ghcb_setup();
}
