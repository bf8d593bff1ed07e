/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ghcb.h. The host's part knows of the guest what the GHCB says, never its registers.
 */
#include "monitor/host/ghcb.h"

#include "lib/compiler.h"
#include "lib/log.h"
#include "monitor/host/campaign.h"
#include "monitor/host/liar.h"
#include "monitor/machine/end.h"
#include "monitor/machine/options.h"
#include "monitor/host/ghcb_page.h"
#include "monitor/host/ghcb_exit.h"
#include "monitor/host/state.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/profile.h"
#include "monitor/svm/stop.h"

struct ghcb_part {
	u16 start;
	u16 end;
};

/* What a request says and what an answer says; copying all of it would cost most of an exit. */
static const struct ghcb_part request_parts[] = {
	{ 0x0c8, 0x0d0 },  /* cpl */
	{ 0x140, 0x148 },  /* xss */
	{ 0x1f8, 0x200 },  /* rax */
	{ 0x308, 0x320 },  /* rcx, rdx, rbx */
	{ 0x330, 0x338 },  /* rsi */
	{ 0x390, 0x3b0 },  /* sw_exit_code .. sw_scratch */
	{ 0x3e8, 0x400 },  /* xcr0, valid_bitmap */
	{ 0xff8, 0x1000 }, /* protocol_version, ghcb_usage */
};
static const struct ghcb_part answer_parts[] = {
	{ 0x1f8, 0x200 }, /* rax */
	{ 0x308, 0x320 }, /* rcx, rdx, rbx */
	{ 0x398, 0x3a8 }, /* sw_exit_info_1, _2 */
	{ 0x3f0, 0x400 }, /* valid_bitmap */
};

static void copy_parts(struct ghcb *to, const struct ghcb *from, const struct ghcb_part *parts,
		       unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		for (unsigned int at = parts[i].start; at < parts[i].end; at += sizeof(u64))
			*(u64 *)((u8 *)to + at) = READ_ONCE(*(u64 *)((u8 *)from + at));
}

static u16 version_min(const struct vcpu *v)
{
	if (guest.lenient & LENIENT_VERSION)
		return 0;
	return v->host->protocol.rmp ? GHCB_PROTOCOL_MAX : GHCB_PROTOCOL_MIN;
}

/* What a host of version 1 does not know: GHCB tables 2 and 6. */
static bool is_too_new(const struct ghcb *ghcb)
{
	return host.ghcb_version < GHCB_PROTOCOL_SNP &&
	       (ghcb->protocol_version > host.ghcb_version ||
		ghcb->save.sw_exit_code >= SVM_VMGEXIT_PSC);
}

static bool is_too_new_by_msr(u64 msr)
{
	return host.ghcb_version < GHCB_PROTOCOL_SNP && ghcb_msr_info(msr) &&
	       ghcb_msr_info(msr) != GHCB_MSR_SEV_INFO_REQ &&
	       ghcb_msr_info(msr) != GHCB_MSR_CPUID_REQ &&
	       ghcb_msr_info(msr) != GHCB_MSR_TERMINATE_REQ;
}

static void page_request(struct vcpu *v, u64 gpa)
{
	struct ghcb *page = page_of_host(gpa, PAGE_SIZE);
	static struct ghcb ghcb; /* our copy; one processor at a time is in the monitor */
	struct ghcb_verdict verdict;
	u64 code, info_1, info_2;

	if (!page)
		stop_violation(v, VIOLATION_GHCB_PRIVATE, "gpa=%#lx", gpa);
	copy_parts(&ghcb, page, request_parts, array_count(request_parts));
	code = ghcb.save.sw_exit_code;
	info_1 = ghcb.save.sw_exit_info_1;
	info_2 = ghcb.save.sw_exit_info_2;
	profile_asked(v, EVENT_VMGEXIT, code);
	TRACE_OPEN(v->id, VMGEXIT, "code=%#lx info1=%#lx info2=%#lx", code, info_1, info_2);
	verdict = ghcb_check(&ghcb, version_min(v));
	if (verdict.violation)
		stop_violation(v, verdict.violation, "field=%s code=%#lx", verdict.field, code);
	if (!verdict.error && is_too_new(&ghcb))
		verdict.error = GHCB_ERR_INVALID_EVENT;
	if (verdict.error)
		ghcb_reply_error(&ghcb, verdict.error);
	else
		ghcb_exit(v, &(struct ghcb_request){ &ghcb, page, gpa });
	if (guest.is_injecting)
		liar_after(v, false);
	if (campaigning)
		campaign_page(v, &(struct ghcb_request){ &ghcb, page, gpa }, code, info_1);
	TRACE_CLOSE("result=%#lx value=%#lx", ghcb.save.sw_exit_info_1, ghcb.save.sw_exit_info_2);
	copy_parts(page, &ghcb, answer_parts, array_count(answer_parts));
}

void ghcb_vmgexit(struct vcpu *v)
{
	u64 msr = v->hardware->ghcb_msr;
	struct cpuid_cpu cpu = {
		.apic_id = v->apic_id,
		.apic_off = !(v->apic_base & APIC_BASE_ENABLE),
		.cr4 = v->vmcb->save.cr4,
		.xcr0 = 1,
	};
	struct msr_protocol_result r;

	if (is_too_new_by_msr(msr))
		stop_violation(v, VIOLATION_GHCB_MSR_REQUEST, "request=%#lx version=1", msr);
	v->host->protocol.cpu = &cpu;
	r = msr_protocol_request(&v->host->protocol, msr);
	if (r.action == MSR_PROTOCOL_PAGE) {
		page_request(v, r.gpa);
		return;
	}
	if (guest.is_injecting)
		r.value = liar_msr(lie_response(v, msr, r.value));
	if (campaigning)
		r.value = campaign_msr(v, msr, r.value);
	profile_asked(v, EVENT_GHCB_MSR, ghcb_msr_info(msr));
	TRACE(v->id, GHCB_MSR, "request=%#lx response=%#lx", msr, r.value);
	switch (r.action) {
	case MSR_PROTOCOL_TERMINATE:
		if (!liar_hears_no_end())
			stop_terminated(v, r.term_set, r.term_code);
		r.value = msr;
		break;
	case MSR_PROTOCOL_VIOLATION:
		stop_violation(v, r.violation, "gpa=%#lx request=%#lx", r.gpa, msr);
	case MSR_PROTOCOL_HOLD: startup_hold(&v->startup); break;
	default: break;
	}
	if (r.psc_op)
		page_changed(v->npt, r.gpa, PAGE_SIZE, r.psc_op == PSC_OP_PRIVATE);
	v->hardware->ghcb_msr = r.value;
	if (guest.is_injecting)
		lie_after_vmgexit(v);
}
