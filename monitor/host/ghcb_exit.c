/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ghcb_exit.h.
 */
#include "monitor/host/ghcb_exit.h"

#include "lib/compiler.h"
#include "monitor/host/ghcb_answers.h"
#include "monitor/host/state.h"
#include "monitor/svm/stop.h"

/* SW_EXITINFO2 of a guest request, [63:32]: the host has no service for it. */
#define GUEST_REQUEST_GENERIC_ERROR (U64_C(0xffffffff) << 32)

/* Requests that not every guest has: those of one kind, and those of a feature. */
static bool is_not_offered(const struct msr_protocol *p, u64 code)
{
	bool is_snp = p->rmp;

	switch (code) {
	case SVM_VMGEXIT_HV_DOORBELL_PAGE:
	case SVM_VMGEXIT_HV_IPI:
		return !is_snp || !(p->features & GHCB_HV_FEATURE_RESTRICTED_INJECTION);
	case SVM_VMGEXIT_APIC_ID_LIST:
		return !is_snp || !(p->features & GHCB_HV_FEATURE_APIC_ID_LIST);
	case SVM_VMGEXIT_PSC:
	case SVM_VMGEXIT_AP_CREATION:
	case SVM_VMGEXIT_GUEST_REQUEST:
	case SVM_VMGEXIT_EXT_GUEST_REQUEST: return !is_snp;
	case SVM_VMGEXIT_AP_JUMP_TABLE: return is_snp;
	default: return false;
	}
}

void ghcb_exit(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;

	if (is_not_offered(&v->host->protocol, g->save.sw_exit_code)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_EVENT);
		return;
	}
	switch (g->save.sw_exit_code) {
	case SVM_EXIT_CPUID: answer_cpuid(v, g); return;
	case SVM_EXIT_MSR: answer_msr(v, g); return;
	case SVM_EXIT_IOIO: answer_ioio(v, r); return;
	case SVM_EXIT_VMMCALL: answer_hypercall(v, g); return;
	case SVM_EXIT_RDTSC: answer_tsc(v, g, false); return;
	case SVM_EXIT_RDTSCP: answer_tsc(v, g, true); return;
	case SVM_EXIT_READ_DR7:
	case SVM_EXIT_WRITE_DR7: answer_dr7(v, g); return;
	case SVM_VMGEXIT_MMIO_READ:
	case SVM_VMGEXIT_MMIO_WRITE: answer_mmio(v, r); return;
	case SVM_VMGEXIT_PSC: answer_psc(v, r); return;
	case SVM_VMGEXIT_AP_JUMP_TABLE: answer_jump_table(g); return;
	case SVM_VMGEXIT_AP_HLT_LOOP: answer_reset_hold(v, g); return;
	case SVM_EXIT_RDPMC: ghcb_reply_exception(g, VEC_GP, true, 0); return;
	case SVM_EXIT_WBINVD:
	case SVM_EXIT_INVD:
	case SVM_EXIT_MONITOR:
	case SVM_EXIT_MWAIT: ghcb_reply(g); return;
	case SVM_VMGEXIT_NMI_COMPLETE:
		v->nmi_blocked = false;
		ghcb_reply(g);
		return;
	case SVM_VMGEXIT_HV_FEATURES:
		ghcb_reply(g);
		GHCB_SET(g, sw_exit_info_2, v->host->protocol.features);
		return;
	case SVM_VMGEXIT_GUEST_REQUEST: answer_guest_request(g); return;
	case SVM_VMGEXIT_EXT_GUEST_REQUEST:
		ghcb_reply(g);
		GHCB_SET(g, sw_exit_info_2, GUEST_REQUEST_GENERIC_ERROR);
		return;
	case SVM_VMGEXIT_TERM_REQUEST:
		stop_terminated(v, bits_get(g->save.sw_exit_info_1, 3, 0),
				bits_get(g->save.sw_exit_info_1, 11, 4));
	case SVM_VMGEXIT_UNSUPPORTED_EVENT:
		stop_crashed(v, "it reported a #VC that it does not support");
	case SVM_VMGEXIT_AP_CREATION: answer_ap_creation(v, g); return;
	case SVM_VMGEXIT_HV_DOORBELL_PAGE: answer_doorbell(v, g); return;
	case SVM_VMGEXIT_HV_IPI: answer_ipi(v, g); return;
	case SVM_VMGEXIT_APIC_ID_LIST: answer_apic_ids(g); return;
	default: ghcb_reply_error(g, GHCB_ERR_INVALID_EVENT); return;
	}
}
