/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of guests whose memory is encrypted, and whose pages have no states.
 * SEV: registers are the host's to see, so every way to it is the plain one.
 * SEV-ES: requests go to the hypervisor by GHCB. All of CPUID is the host's word, and so is where
 * the C-bit is, which a lie turns into a guest that cannot go on.
 */
#include "early/ghcb_msr.h"
#include "paravirt/cpus.h"
#include "paravirt/ghcb.h"
#include "paravirt/visibility.h"
#include "paravirt/native.h"
#include "paravirt/pv_ops.h"

const struct pv_ops pv_ops_sev = {
	.name = "sev",
	.early_setup = sev_pages_init,
	.hypercall = hypercall_vmmcall,
	.page_enc_status_prepare = sev_page_enc_status_prepare,
	.notify_page_enc_status_changed = map_gpa_notify_page_enc_status_changed,
	.accept_memory = PV_DEFAULT(pv_return_zero),
	PV_NATIVE_PORTS_EACH, /* in our place the host would use ciphertext */
	PV_NATIVE_INSTRUCTIONS,
	PV_NATIVE_PROCESSORS,
	.host = NULL,
	.plainer = NULL,
};

static void sev_es_cpuid(u32 leaf, u32 subleaf, struct cpuid_regs *regs)
{
	struct host_exception exception;

	if (ghcb_cpuid(leaf, subleaf, regs, &exception))
		ghcb_terminate(TERM_CPUID);
}

static int set_up_other(void)
{
	int error = ghcb_setup_other_unregistered();

	if (!error)
		ghcb_nmi_catch_up();
	return error;
}

static void sev_es_early_setup(void)
{
	ghcb_negotiate(GHCB_PROTOCOL_MIN);
	ghcb_setup_unregistered();
	if (ghcb_try())
		ghcb_terminate(TERM_CPU_SETUP);
	sev_pages_init();
}

const struct pv_ops pv_ops_sev_es = {
	.name = "sev-es",
	.early_setup = sev_es_early_setup,
	.hypercall = hypercall_ghcb,
	.page_enc_status_prepare = sev_page_enc_status_prepare,
	.notify_page_enc_status_changed = map_gpa_notify_page_enc_status_changed,
	.accept_memory = PV_DEFAULT(pv_return_zero),
	.io_in = host_io_in,
	.io_out = host_io_out,
	.io_in_string = host_io_in_string,
	.io_out_string = host_io_out_string,
	.msr_read = host_msr_read,
	.msr_write = host_msr_write,
	.mmio_read = host_mmio_read,
	.mmio_write = host_mmio_write,
	.cpuid = sev_es_cpuid,
	.halt = native_halt, /* HLT exits by itself, without a #VC: APM2 table 15-35 */
	.wbinvd = host_wbinvd,
	.handle_exception = vc_handle,
	.cpus_prepare = sev_es_cpus_prepare,
	.cpus_release = ghcb_unshare_others,
	.cpu_wake = cpu_wake_by_sipi,
	.cpu_setup = set_up_other,
	.nmi_complete = ghcb_nmi_complete,
	.host = &ghcb_requests,
	.plainer = NULL,
};
