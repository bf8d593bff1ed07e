/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of the platforms where registers are open to the host, and memory is not encrypted.
 */
#include "paravirt/cpus.h"
#include "paravirt/visibility.h"
#include "paravirt/native.h"
#include "paravirt/pv_ops.h"

const struct pv_ops pv_ops_plain = {
	.name = "plain",
	.early_setup = pv_nop,
	.hypercall = hypercall_none,
	PV_NO_PAGE_STATE,
	PV_NATIVE_PORTS,
	PV_NATIVE_INSTRUCTIONS,
	PV_NATIVE_PROCESSORS,
	.host = NULL,
	.plainer = NULL,
};

const struct pv_ops pv_ops_kvm_amd = {
	.name = "kvm",
	.early_setup = pv_nop,
	.hypercall = hypercall_vmmcall,
	PV_NO_PAGE_STATE,
	PV_NATIVE_PORTS,
	PV_NATIVE_INSTRUCTIONS,
	PV_NATIVE_PROCESSORS,
	.host = NULL,
	.plainer = &pv_ops_plain,
};

const struct pv_ops pv_ops_kvm_intel = {
	.name = "kvm",
	.early_setup = pv_nop,
	.hypercall = hypercall_vmcall,
	PV_NO_PAGE_STATE,
	PV_NATIVE_PORTS,
	PV_NATIVE_INSTRUCTIONS,
	PV_NATIVE_PROCESSORS,
	.host = NULL,
	.plainer = &pv_ops_plain,
};

/*
 * A KVM guest whose memory is private though not encrypted (KVM_X86_SW_PROTECTED_VM). There is no
 * C-bit: KVM is told which pages are private, and maps other memory at the same address. No string
 * I/O: KVM does that in the guest's place, and would use what the host sees.
 */
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
	.host = NULL,
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
	.host = NULL,
	.plainer = NULL,
};
