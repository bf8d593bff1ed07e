/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of the platforms where memory and registers are open to the host.
 */
#include "paravirt/cpus.h"
#include "paravirt/hypercall.h"
#include "paravirt/native.h"
#include "paravirt/pv_tables.h"

const struct pv_ops pv_ops_plain = {
	.name = "plain",
	.early_setup = pv_nop,
	.hypercall = hypercall_none,
	.page_enc_status_prepare = PV_DEFAULT(pv_return_zero),
	.notify_page_enc_status_changed = PV_DEFAULT(pv_return_zero),
	.accept_memory = PV_DEFAULT(pv_return_zero),
	.io_in = native_io_in,
	.io_out = native_io_out,
	.io_out_string = native_io_out_string,
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

const struct pv_ops pv_ops_kvm_amd = {
	.name = "kvm",
	.early_setup = pv_nop,
	.hypercall = hypercall_vmmcall,
	.page_enc_status_prepare = PV_DEFAULT(pv_return_zero),
	.notify_page_enc_status_changed = PV_DEFAULT(pv_return_zero),
	.accept_memory = PV_DEFAULT(pv_return_zero),
	.io_in = native_io_in,
	.io_out = native_io_out,
	.io_out_string = native_io_out_string,
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
	.plainer = &pv_ops_plain,
};

const struct pv_ops pv_ops_kvm_intel = {
	.name = "kvm",
	.early_setup = pv_nop,
	.hypercall = hypercall_vmcall,
	.page_enc_status_prepare = PV_DEFAULT(pv_return_zero),
	.notify_page_enc_status_changed = PV_DEFAULT(pv_return_zero),
	.accept_memory = PV_DEFAULT(pv_return_zero),
	.io_in = native_io_in,
	.io_out = native_io_out,
	.io_out_string = native_io_out_string,
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
	.plainer = &pv_ops_plain,
};
