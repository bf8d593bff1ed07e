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
	PV_NO_PAGE_STATE,
	PV_NATIVE_PORTS,
	PV_NATIVE_INSTRUCTIONS,
	PV_NATIVE_PROCESSORS,
	.terminate = native_terminate,
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
	.terminate = native_terminate,
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
	.terminate = native_terminate,
	.plainer = &pv_ops_plain,
};
