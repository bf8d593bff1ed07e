/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side of the GHCB MSR protocol: see msr_protocol.h.
 */
#include "monitor/host/msr_protocol.h"

static struct msr_protocol_result respond(u64 value)
{
	return (struct msr_protocol_result){ .action = MSR_PROTOCOL_RESPOND, .value = value };
}

static struct msr_protocol_result violate(enum violation violation, u64 gpa)
{
	return (struct msr_protocol_result){
		.action = MSR_PROTOCOL_VIOLATION,
		.violation = violation,
		.gpa = gpa,
	};
}

/* The CPUID request has room for a function and a register only: sub-leaf 0. */
static struct msr_protocol_result answer_cpuid(const struct msr_protocol *p, u64 msr)
{
	struct cpuid_values v = cpuid_get(p->cpuid, p->cpu, bits_get(msr, 63, 32), 0);
	const u32 values[] = {
		[GHCB_CPUID_REG_EAX] = v.eax,
		[GHCB_CPUID_REG_EBX] = v.ebx,
		[GHCB_CPUID_REG_ECX] = v.ecx,
		[GHCB_CPUID_REG_EDX] = v.edx,
	};
	unsigned int reg = bits_get(msr, 31, 30);

	return respond(ghcb_msr_cpuid_resp(values[reg], reg));
}

/* A page that is no memory cannot be the GHCB: refused with all ones. */
static struct msr_protocol_result answer_register(struct msr_protocol *p, u64 msr)
{
	u64 gpa = msr & GHCB_MSR_GPA_MASK;

	if (!page_state_has(&p->rmp->pages, page_state_frame(gpa), 1))
		return respond(GHCB_MSR_GPA_MASK | GHCB_MSR_REGISTER_GPA_RESP);
	p->registered_gpa = gpa;
	return respond(gpa | GHCB_MSR_REGISTER_GPA_RESP);
}

/* As KVM: any error is the number 1. */
static struct msr_protocol_result answer_psc(const struct msr_protocol *p, u64 msr)
{
	unsigned int op = bits_get(msr, 55, 52);
	u64 gpa = bits_get(msr, 51, 12) << PAGE_SHIFT;
	struct rmp_result change = { 0 };
	struct msr_protocol_result result;
	int error = -E_INVAL;

	if (op == PSC_OP_PRIVATE)
		error = rmp_make_private(p->rmp, gpa, false);
	else if (op == PSC_OP_SHARED)
		error = rmp_make_shared(p->rmp, gpa, false, &change);
	if (change.violation)
		return violate(change.violation, change.gpa);
	result = respond(ghcb_msr_psc_resp(error ? 1 : 0));
	if (!error) {
		result.gpa = gpa;
		result.psc_op = op;
	}
	return result;
}

static struct msr_protocol_result use_page(const struct msr_protocol *p, u64 gpa)
{
	bool shared = p->rmp ? rmp_is_shared(p->rmp, gpa)
			     : sev_pages_flags(p->pages, gpa) & SEV_PAGE_SHARED;

	if (p->rmp && gpa != p->registered_gpa)
		return violate(VIOLATION_GHCB_UNREGISTERED, gpa);
	if (!shared)
		return violate(VIOLATION_GHCB_PRIVATE, gpa);
	return (struct msr_protocol_result){ .action = MSR_PROTOCOL_PAGE, .gpa = gpa };
}

/* What only an SNP guest may ask; KVM ends another one that does. */
static bool is_snp_only(u64 info)
{
	return info == GHCB_MSR_PREFERRED_GPA_REQ || info == GHCB_MSR_REGISTER_GPA_REQ ||
	       info == GHCB_MSR_PSC_REQ;
}

/* What version 1 has not: all but the page, SEV_INFO, CPUID and the end. */
static bool is_new_in_2(u64 info)
{
	return info == GHCB_MSR_AP_RESET_HOLD_REQ || info == GHCB_MSR_HV_FEATURES_REQ;
}

struct msr_protocol_result msr_protocol_request(struct msr_protocol *p, u64 msr)
{
	if ((!p->rmp && is_snp_only(ghcb_msr_info(msr))) ||
	    (p->version_max < 2 && is_new_in_2(ghcb_msr_info(msr))))
		return violate(VIOLATION_GHCB_MSR_REQUEST, msr);
	switch (ghcb_msr_info(msr)) {
	case 0: return use_page(p, msr);
	case GHCB_MSR_SEV_INFO_REQ:
		return respond(ghcb_msr_sev_info_resp(p->version_max, GHCB_PROTOCOL_MIN, p->cbit));
	case GHCB_MSR_CPUID_REQ: return answer_cpuid(p, msr);
	case GHCB_MSR_AP_RESET_HOLD_REQ:
		/* a non-zero field says that the processor was woken */
		return (struct msr_protocol_result){
			.action = MSR_PROTOCOL_HOLD,
			.value = BIT(12) | GHCB_MSR_AP_RESET_HOLD_RESP,
		};
	case GHCB_MSR_PREFERRED_GPA_REQ:
		return respond(GHCB_PREFERRED_GPA_NONE | GHCB_MSR_PREFERRED_GPA_RESP);
	case GHCB_MSR_REGISTER_GPA_REQ: return answer_register(p, msr);
	case GHCB_MSR_PSC_REQ: return answer_psc(p, msr);
	case GHCB_MSR_HV_FEATURES_REQ: return respond(ghcb_msr_hv_features_resp(p->features));
	case GHCB_MSR_TERMINATE_REQ:
		return (struct msr_protocol_result){
			.action = MSR_PROTOCOL_TERMINATE,
			.term_set = bits_get(msr, 15, 12),
			.term_code = bits_get(msr, 23, 16),
		};
	default: return violate(VIOLATION_GHCB_MSR_REQUEST, msr);
	}
}
