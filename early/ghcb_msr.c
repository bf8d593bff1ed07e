/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GHCB MSR protocol: requests, and the check of every answer.
 */
#include "early/ghcb_msr.h"
#include "early/fatal.h"
#include "lib/cpu.h"
#include "lib/irq.h"

static unsigned int busy_count;

bool ghcb_msr_is_busy(void) { return READ_ONCE(busy_count); }

u64 ghcb_msr_call(u64 request)
{
	u32 msr = MSR_GHCB;
	u64 flags = irq_save(), before, response;

	hide_value(msr);
	before = rdmsr(msr);
	fatal_give_way();
	__atomic_fetch_add(&busy_count, 1, __ATOMIC_SEQ_CST);
	wrmsr(msr, request);
	vmgexit();
	response = rdmsr(msr);
	wrmsr(msr, before);
	__atomic_fetch_sub(&busy_count, 1, __ATOMIC_SEQ_CST);
	irq_restore(flags);
	return response;
}

/* The response, whose info field must be @info. */
static u64 call_checked(u64 request, u64 info)
{
	u64 response = ghcb_msr_call(request);

	if (ghcb_msr_info(response) != info)
		ghcb_terminate(TERM_RESPONSE);
	return response;
}

struct ghcb_msr_sev_info ghcb_msr_sev_info(void)
{
	u64 response = call_checked(GHCB_MSR_SEV_INFO_REQ, GHCB_MSR_SEV_INFO_RESP);

	return (struct ghcb_msr_sev_info){
		.version_max = (u16)bits_get(response, 63, 48),
		.version_min = (u16)bits_get(response, 47, 32),
		.cbit = (u8)bits_get(response, 31, 24),
	};
}

u64 ghcb_msr_hv_features(void)
{
	return ghcb_msr_data(call_checked(GHCB_MSR_HV_FEATURES_REQ, GHCB_MSR_HV_FEATURES_RESP));
}

int ghcb_msr_cpuid(u32 leaf, unsigned int reg, u32 *value)
{
	u64 response = ghcb_msr_call(ghcb_msr_cpuid_req(leaf, reg));

	/* The answer must name the register asked for, and have nothing in [29:12]. */
	if ((u32)response != (u32)ghcb_msr_cpuid_resp(0, reg))
		return -E_IO;
	*value = (u32)bits_get(response, 63, 32);
	return 0;
}

int ghcb_msr_register_gpa(u64 gpa)
{
	u64 response = call_checked(ghcb_msr_register_gpa_req(gpa), GHCB_MSR_REGISTER_GPA_RESP);

	return (response & GHCB_MSR_GPA_MASK) == gpa ? 0 : -E_PERM;
}

int ghcb_msr_psc(u64 gfn, unsigned int op)
{
	u64 response = call_checked(ghcb_msr_psc_req(gfn, op), GHCB_MSR_PSC_RESP);

	/* Error code and reserved bits must all be zero. */
	return ghcb_msr_data(response) ? -E_IO : 0;
}

noreturn_t ghcb_msr_terminate(unsigned int set, unsigned int code)
{
	cli();
	for (;;) {
		wrmsr(MSR_GHCB, ghcb_msr_terminate_req(set, code));
		vmgexit();
		hlt();
	}
}

noreturn_t ghcb_terminate(unsigned int reason)
{
	ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, reason);
}
