/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of a KVM guest whose memory is private though not encrypted (KVM_X86_SW_PROTECTED_VM).
 * There is no C-bit: KVM is told which pages are private, and maps other memory at the same
 * address. No string I/O: KVM does that in the guest's place, and would use what the host sees.
 */
#include "paravirt/cpus.h"
#include "paravirt/hypercall.h"
#include "paravirt/map_gpa.h"
#include "paravirt/native.h"
#include "paravirt/pv_tables.h"

const struct pv_ops pv_ops_kvm_protected_amd = {
	.name = "kvm-protected",
	.early_setup = map_gpa_init,
	.hypercall = hypercall_vmmcall,
	.page_enc_status_prepare = PV_DEFAULT(pv_return_zero),
	.notify_page_enc_status_changed = map_gpa_notify_page_enc_status_changed,
	.accept_memory = PV_DEFAULT(pv_return_zero),
	PV_NATIVE_PORTS_EACH,
	PV_NATIVE_INSTRUCTIONS,
	PV_NATIVE_PROCESSORS,
	.terminate = native_terminate,
	.plainer = NULL,
};

const struct pv_ops pv_ops_kvm_protected_intel = {
	.name = "kvm-protected",
	.early_setup = map_gpa_init,
	.hypercall = hypercall_vmcall,
	.page_enc_status_prepare = PV_DEFAULT(pv_return_zero),
	.notify_page_enc_status_changed = map_gpa_notify_page_enc_status_changed,
	.accept_memory = PV_DEFAULT(pv_return_zero),
	PV_NATIVE_PORTS_EACH,
	PV_NATIVE_INSTRUCTIONS,
	PV_NATIVE_PROCESSORS,
	.terminate = native_terminate,
	.plainer = NULL,
};
