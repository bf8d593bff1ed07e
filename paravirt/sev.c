/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SEV: memory is encrypted, registers are the host's to see, so every way to it is the plain one.
 */
#include "paravirt/cpus.h"
#include "paravirt/hypercall.h"
#include "paravirt/map_gpa.h"
#include "paravirt/native.h"
#include "paravirt/pv_ops.h"
#include "paravirt/sev_pages.h"

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
	.terminate = native_terminate,
	.plainer = NULL,
};
