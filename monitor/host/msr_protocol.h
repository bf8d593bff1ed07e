/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of the GHCB MSR protocol: what a VMGEXIT means, by the value in the GHCB MSR.
 * Spec: GHCB 2.3.1. Pure: the RMP is the only state that changes, by a page-state change.
 */
#pragma once

#include "abi/ghcb.h"
#include "monitor/hardware/cpuid.h"
#include "monitor/hardware/rmp.h"
#include "monitor/hardware/sev_pages.h"

struct msr_protocol {
	struct rmp *rmp;               /* of an SNP guest, or NULL: */
	const struct sev_pages *pages; /* of an SEV-ES guest */
	const struct cpuid_model *cpuid;
	const struct cpuid_cpu *cpu; /* asking processor */
	u64 features;                /* GHCB_HV_FEATURE_* */
	unsigned int cbit;
	u16 version_max;
	u64 registered_gpa; /* of this processor; GHCB_UNREGISTERED at reset */
};

#define GHCB_UNREGISTERED (~U64_C(0))

enum msr_protocol_action {
	MSR_PROTOCOL_RESPOND,   /* write `value` to the GHCB MSR, go on */
	MSR_PROTOCOL_PAGE,      /* a request in the GHCB page at `gpa` */
	MSR_PROTOCOL_HOLD,      /* AP reset hold: `value` once the processor is woken */
	MSR_PROTOCOL_TERMINATE, /* the guest ends itself: term_set, term_code */
	MSR_PROTOCOL_VIOLATION,
};

struct msr_protocol_result {
	enum msr_protocol_action action;
	u64 value;
	u64 gpa; /* of PAGE; of the page that violates; of the page that PSC changed */
	unsigned int
		psc_op; /* PSC_OP_ where a page changed, so that the monitor unmaps it; else 0 */
	unsigned int term_set;
	unsigned int term_code;
	enum violation violation;
};

/* Answers one request; registers in @p->registered_gpa. */
struct msr_protocol_result msr_protocol_request(struct msr_protocol *p, u64 msr);
