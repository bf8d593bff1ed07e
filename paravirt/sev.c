/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SEV: memory is encrypted, registers are the host's to see, so every way to it is the plain one.
 */
#include "paravirt/cpus.h"
#include "paravirt/hypercall.h"
#include "paravirt/map_gpa.h"
#include "paravirt/native.h"
#include "paravirt/pv_tables.h"
#include "paravirt/sev_pages.h"

const struct pv_ops pv_ops_sev = {
	.name = "sev",
	.early_setup = sev_pages_init,
	.hypercall = hypercall_vmmcall,
	.page_enc_status_prepare = sev_page_enc_status_prepare,
	.notify_page_enc_status_changed = map_gpa_notify_page_enc_status_changed,
	.accept_memory = PV_DEFAULT(pv_return_zero),
	.io_in = native_io_in,
	.io_out = native_io_out,
	.io_in_string =
		native_io_in_each, /* in our place the host would read and write ciphertext */
	.io_out_string = native_io_out_each,
	.msr_read = native_msr_read,
	.msr_write = native_msr_write,
	.mmio_read = native_mmio_read,
	.mmio_write = native_mmio_write,
	.cpuid = native_cpuid,
	.halt = native_halt,
	.wbinvd = native_wbinvd,
	.handle_exception = native_handle_exception,
	.cpus_prepare = PV_DEFAULT(pv_return_zero),
	.cpus_release = PV_DEFAULT(pv_return_zero),
	.cpu_wake = cpu_wake_by_sipi,
	.cpu_setup = pv_return_zero,
	.nmi_complete = pv_nop,
	.terminate = native_terminate,
	.plainer = NULL,
};
