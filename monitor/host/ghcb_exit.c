/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ghcb_exit.h. A code that is not offered is answered as one that there is not.
 */
#include "monitor/host/ghcb_exit.h"

#include "lib/compiler.h"
#include "monitor/host/ghcb_answers.h"
#include "monitor/host/state.h"

/* Three short runs of codes: intercepts, and the protocol's own from its first and to its last. */
#define INTERCEPTS 0x100
#define OWN_FIRST  U64_C(0x80000000)
#define OWNS       0x20
#define LAST_FIRST U64_C(0x8000fff0)
#define LASTS      0x10

#define INDEX(code)                                                                                \
	((code) < INTERCEPTS   ? (code)                                                            \
	 : (code) < LAST_FIRST ? INTERCEPTS - OWN_FIRST + (code)                                   \
			       : INTERCEPTS + OWNS - LAST_FIRST + (code))

enum whose {
	EVERYONE, /* SEV-ES and SNP guests */
	ES,
	SNP,
};

static const struct event {
	void (*answer)(struct vcpu *v, const struct ghcb_request *r); /* NULL: no such code */
	enum whose whose;
	u64 features; /* GHCB_HV_FEATURE_*, all of which it takes */
} events[INTERCEPTS + OWNS + LASTS] = {
	[INDEX(SVM_EXIT_READ_DR7)] = { answer_dr7, EVERYONE, 0 },
	[INDEX(SVM_EXIT_WRITE_DR7)] = { answer_dr7, EVERYONE, 0 },
	[INDEX(SVM_EXIT_RDTSC)] = { answer_tsc, EVERYONE, 0 },
	[INDEX(SVM_EXIT_RDPMC)] = { answer_gp, EVERYONE, 0 },
	[INDEX(SVM_EXIT_CPUID)] = { answer_cpuid, EVERYONE, 0 },
	[INDEX(SVM_EXIT_INVD)] = { answer_nothing, EVERYONE, 0 },
	[INDEX(SVM_EXIT_IOIO)] = { answer_ioio, EVERYONE, 0 },
	[INDEX(SVM_EXIT_MSR)] = { answer_msr, EVERYONE, 0 },
	[INDEX(SVM_EXIT_VMMCALL)] = { answer_hypercall, EVERYONE, 0 },
	[INDEX(SVM_EXIT_RDTSCP)] = { answer_tscp, EVERYONE, 0 },
	[INDEX(SVM_EXIT_WBINVD)] = { answer_nothing, EVERYONE, 0 },
	[INDEX(SVM_EXIT_MONITOR)] = { answer_nothing, EVERYONE, 0 },
	[INDEX(SVM_EXIT_MWAIT)] = { answer_nothing, EVERYONE, 0 },
	[INDEX(SVM_VMGEXIT_MMIO_READ)] = { answer_mmio_read, EVERYONE, 0 },
	[INDEX(SVM_VMGEXIT_MMIO_WRITE)] = { answer_mmio_write, EVERYONE, 0 },
	[INDEX(SVM_VMGEXIT_NMI_COMPLETE)] = { answer_nmi_complete, EVERYONE, 0 },
	[INDEX(SVM_VMGEXIT_AP_HLT_LOOP)] = { answer_reset_hold, EVERYONE, 0 },
	[INDEX(SVM_VMGEXIT_AP_JUMP_TABLE)] = { answer_jump_table, ES, 0 },
	[INDEX(SVM_VMGEXIT_PSC)] = { answer_psc, SNP, 0 },
	[INDEX(SVM_VMGEXIT_GUEST_REQUEST)] = { answer_guest_request, SNP, 0 },
	[INDEX(SVM_VMGEXIT_EXT_GUEST_REQUEST)] = { answer_ext_guest_request, SNP, 0 },
	[INDEX(SVM_VMGEXIT_AP_CREATION)] = { answer_ap_creation, SNP, 0 },
	[INDEX(SVM_VMGEXIT_HV_DOORBELL_PAGE)] = { answer_doorbell, SNP,
						  GHCB_HV_FEATURE_RESTRICTED_INJECTION },
	[INDEX(SVM_VMGEXIT_HV_IPI)] = { answer_ipi, SNP, GHCB_HV_FEATURE_RESTRICTED_INJECTION },
	[INDEX(SVM_VMGEXIT_APIC_ID_LIST)] = { answer_apic_ids, SNP, GHCB_HV_FEATURE_APIC_ID_LIST },
	[INDEX(SVM_VMGEXIT_HV_FEATURES)] = { answer_features, EVERYONE, 0 },
	[INDEX(SVM_VMGEXIT_TERM_REQUEST)] = { answer_terminate, EVERYONE, 0 },
	[INDEX(SVM_VMGEXIT_UNSUPPORTED_EVENT)] = { answer_unsupported, EVERYONE, 0 },
};

static const struct event *find(u64 code)
{
	static const struct event none;

	if (code < INTERCEPTS || code - OWN_FIRST < OWNS || code - LAST_FIRST < LASTS)
		return &events[INDEX(code)];
	return &none;
}

static bool is_offered(const struct event *e, const struct msr_protocol *p)
{
	bool is_snp = p->rmp;

	return e->answer && (!e->whose || is_snp == (e->whose == SNP)) &&
	       !(e->features & ~p->features);
}

void ghcb_exit(struct vcpu *v, const struct ghcb_request *r)
{
	const struct event *e = find(r->ghcb->save.sw_exit_code);

	if (is_offered(e, &v->host->protocol))
		e->answer(v, r);
	else
		ghcb_reply_error(r->ghcb, GHCB_ERR_INVALID_EVENT);
}
