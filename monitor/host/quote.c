/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See quote.h.
 */
#include "monitor/host/quote.h"

#include "lib/cpu.h"
#include "monitor/hardware/state.h"
#include "monitor/host/state.h"
#include "monitor/machine/options.h"
#include "monitor/machine/end.h"
#include "monitor/svm/vmcb.h"
#include "monitor/svm/xapic.h"

#define TAKES_MS 1 /* an answer that is there at once would hide that the guest has to wait */

struct tdx_quote_request *quote_slot(struct vcpu *v)
{
	struct tdx_quote_request *r = &v->host->quote;
	int slow = guest.inject[INJECT_QUOTE_SLOW];

	if (r->is_pending)
		return NULL;
	r->due = rdtsc() + guest.tsc_khz * (u64)(slow < 0 ? TAKES_MS : slow);
	v->host_is_due = true;
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_PAUSE, true); /* who polls comes by */
	return r;
}

void quote_update(struct vcpu *v)
{
	struct tdx_quote_request *r = &v->host->quote;
	const struct tdx_td *td = &hardware.td;

	if (!r->is_pending || rdtsc() < r->due)
		return;
	tdx_quote_answer(&hardware.td, v, r);
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_PAUSE, guest.holds_interrupts);
	TRACE(v->id, INJECT, "quote status=%#lx size=%#x gpa=%#lx vector=%#x", r->header.status,
	      r->header.out_size, r->gpa, td->event_vector);
	if (td->event_vector)
		xapic_command_x2(v, (u64)td->event_apic_id << 32 | td->event_vector);
}

bool quote_is_due(const struct vcpu *v, u64 *tsc)
{
	*tsc = v->host->quote.due;
	return v->host->quote.is_pending;
}
