/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SEV-SNP: requests go to the hypervisor by GHCB, page states are ours to change.
 * Spec of the set-up: GHCB 2.3.1, APM2 15.34.10 and 15.36.
 */
#include "early/ghcb_msr.h"
#include "early/launch_pages.h"
#include "early/snp_cpuid.h"
#include "lib/compiler.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "paravirt/cpus.h"
#include "paravirt/snp.h"
#include "paravirt/ghcb.h"
#include "paravirt/visibility.h"
#include "paravirt/native.h"
#include "paravirt/pv_ops.h"

/*
 * What asks nothing of the guest, and what it knows (snp.h). Every other feature changes what it
 * must do, so that a guest that does not know it must refuse.
 */
#define SEV_STATUS_KNOWN                                                                           \
	(SEV_STATUS_SEV | SEV_STATUS_SEV_ES | SEV_STATUS_SEV_SNP | SEV_STATUS_DEBUG_SWAP |         \
	 SEV_STATUS_PREVENT_HOST_IBS | SEV_STATUS_BTB_ISOLATION | SEV_STATUS_SMT_PROTECTION |      \
	 SEV_STATUS_IBPB_ON_ENTRY | SEV_STATUS_SECURE_TSC | SEV_STATUS_RESTRICTED_INJECTION)

static const u8 vmpl_probe_page[PAGE_SIZE] __aligned_page = { 0 };

static int host_cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	struct host_exception exception;

	return ghcb_cpuid(leaf, subleaf, regs, &exception);
}

/* From the launch's page; terminates when the host's part is not had. */
static void snp_cpuid_now(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	if (snp_cpuid_here(leaf, subleaf, host_cpuid, regs))
		ghcb_terminate(TERM_CPUID);
}

/* To shared: rescind, then give away; never the other way, which would leave a validated page. */
static int snp_page_enc_status_prepare(va_t start, u64 page_count, bool private)
{
	int error = sev_is_coherent ? 0 : sev_page_enc_status_prepare(start, page_count, private);

	if (error)
		return error;
	if (!private)
		psc_validate(start, page_count, false);
	psc_change(va_to_pa(start), page_count, private ? PSC_OP_PRIVATE : PSC_OP_SHARED);
	return 0;
}

/* To private: only now is the mapping private, which PVALIDATE translates by. */
static int snp_notify_page_enc_status_changed(va_t start, u64 page_count, bool private)
{
	if (private)
		psc_validate(start, page_count, true);
	return 0;
}

static int snp_accept_memory(pa_t start, u64 size)
{
	CHECK(is_aligned(start.value, PAGE_SIZE) && is_aligned(size, PAGE_SIZE));
	psc_change(start, size / PAGE_SIZE, PSC_OP_PRIVATE);
	psc_validate(pa_to_va(start), size / PAGE_SIZE, true);
	return 0;
}

static void check_features(void)
{
	u64 offered = ghcb_msr_hv_features(), status = rdmsr(MSR_SEV_STATUS);

	if (!(offered & GHCB_HV_FEATURE_SNP) || status & ~(u64)SEV_STATUS_KNOWN)
		ghcb_msr_terminate(GHCB_TERM_SET_GENERAL, GHCB_TERM_SNP_FEATURES);
	if (status & SEV_STATUS_RESTRICTED_INJECTION &&
	    !(offered & GHCB_HV_FEATURE_RESTRICTED_INJECTION))
		ghcb_msr_terminate(GHCB_TERM_SET_GENERAL, GHCB_TERM_SNP_FEATURES);
}

/* Only VMPL 0 may change what VMPL 1 may do: nothing, as it is. */
static void check_vmpl(void)
{
	if (rmpadjust(pa_of(vmpl_probe_page).value, RMP_PG_SIZE_4K, 1))
		ghcb_terminate(TERM_NOT_VMPL0);
}

static void look_at_caches(void)
{
	struct cpuid_regs sev;

	snp_cpuid_now(CPUID_SEV, 0, &sev);
	sev_set_coherent(sev.eax);
	psc_set_eviction(!(sev.ebx & CPUID_SEV_EBX_COHERENCY_SFW_NO));
}

static void check_cpuid_page(void)
{
	const char *error = snp_cpuid_page_error(&launch_cpuid_page);

	if (!error)
		return;
	log_error("%s", error);
	ghcb_terminate(TERM_CPUID);
}

/*
 * The first talk to the hypervisor, by MSR protocol but for the last. Each step relies on those
 * before it; whatever is not as it must be terminates with its own reason.
 */
static void snp_early_setup(void)
{
	ghcb_negotiate(GHCB_PROTOCOL_SNP);
	check_features();
	check_vmpl();
	check_cpuid_page();
	look_at_caches();
	ghcb_setup();
	doorbell_setup();
	secure_tsc_init();
}

static int share_others(unsigned int first, unsigned int count,
			const struct cpus_services *services)
{
	int error = snp_cpus_prepare(first, count, services);

	return error ? error : doorbell_share_others(first, count, services);
}

static int unshare_others(unsigned int first, unsigned int count,
			  const struct cpus_services *services)
{
	int error = ghcb_unshare_others(first, count, services);

	return error ? error : doorbell_unshare_others(first, count, services);
}

static int set_up_other(void)
{
	int error = ghcb_setup_other();

	if (error)
		return error;
	ghcb_nmi_catch_up();
	return doorbell_setup_other();
}

/* HLT exits by itself, without a #VC: APM2 table 15-35 */
static void snp_halt(void)
{
	if (doorbell_is_on())
		doorbell_halt();
	else
		native_halt();
}

const struct pv_ops pv_ops_snp = {
	.name = "snp",
	.early_setup = snp_early_setup,
	.hypercall = hypercall_ghcb,
	.page_enc_status_prepare = snp_page_enc_status_prepare,
	.notify_page_enc_status_changed = snp_notify_page_enc_status_changed,
	.accept_memory = snp_accept_memory,
	.io_in = host_io_in,
	.io_out = host_io_out,
	.io_in_string = host_io_in_string,
	.io_out_string = host_io_out_string,
	.msr_read = host_msr_read,
	.msr_write = host_msr_write,
	.mmio_read = host_mmio_read,
	.mmio_write = host_mmio_write,
	.cpuid = snp_cpuid_now,
	.halt = snp_halt,
	.wbinvd = host_wbinvd,
	.handle_exception = vc_handle,
	.cpus_prepare = share_others,
	.cpus_release = unshare_others,
	.cpu_wake = snp_cpu_wake,
	.cpu_setup = set_up_other,
	.nmi_complete = ghcb_nmi_complete,
	.host = &ghcb_requests,
	.plainer = NULL,
};
