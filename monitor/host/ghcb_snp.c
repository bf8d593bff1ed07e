/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What only an SNP guest asks by the GHCB.
 */
#include "monitor/host/ghcb_answers.h"

#include "lib/string.h"
#include "monitor/hardware/state.h"
#include "monitor/host/ap_creation.h"
#include "monitor/host/apic_id_list.h"
#include "monitor/host/doorbell.h"
#include "monitor/host/ghcb_scratch.h"
#include "monitor/host/liar.h"
#include "monitor/host/psc.h"
#include "monitor/machine/end.h"
#include "monitor/machine/options.h"
#include "monitor/svm/apic_reg.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/xapic.h"

static void psc_changed(void *context, u64 gpa, u64 size, bool private)
{
	page_changes_add(context, gpa, size, private);
}

void answer_psc(struct vcpu *v, const struct ghcb_request *r)
{
	static struct psc_desc desc;
	struct page_changes changes = { .npt = v->npt };
	struct psc_result result;
	u8 *data = scratch_inside(r, sizeof(desc.header)); /* GHCB 4.1.6: there alone */
	u64 room, size;

	if (!data)
		return;
	if (liar_changes_nothing()) {
		TRACE(v->id, VMGEXIT, "refused");
		ghcb_reply(r->ghcb);
		GHCB_SET(r->ghcb, sw_exit_info_2, PSC_ERROR_GENERIC);
		return;
	}
	room = (u64)(r->page->shared_buffer + GHCB_SHARED_BUFFER_SIZE - data);
	memcpy(&desc.header, data, sizeof(desc.header));
	if (desc.header.reserved && !(guest.lenient & LENIENT_PSC))
		stop_violation(v, VIOLATION_PSC_RESERVED, "reserved=%#x", desc.header.reserved);
	size = sizeof(desc.header) + (desc.header.end_entry + U64_C(1)) * sizeof(u64);
	if (size <= room)
		memcpy(desc.entries, data + sizeof(desc.header), size - sizeof(desc.header));
	result = psc_process(&desc, (unsigned int)((room - sizeof(desc.header)) / sizeof(u64)),
			     &hardware.rmp, psc_changed, &changes);
	if (result.violation)
		stop_violation(v, result.violation, "gpa=%#lx entry=%#x", result.gpa,
			       result.entries);
	page_changes_end(&changes);
	if (size <= room)
		memcpy(data, &desc, size);
	TRACE(v->id, VMGEXIT, "entries=%u private=%lu shared=%lu", result.entries,
	      result.private_count, result.shared_count);
	ghcb_reply(r->ghcb);
	GHCB_SET(r->ghcb, sw_exit_info_2, result.error);
}

void answer_ap_creation(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
	u32 error = ap_creation(v, g);

	if (error)
		ghcb_reply_error(g, error);
	else
		ghcb_reply(g);
}

void answer_doorbell(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
	u64 gpa;

	if (doorbell_request(v, g->save.sw_exit_info_1, g->save.sw_exit_info_2, &gpa)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
		return;
	}
	ghcb_reply(g);
	GHCB_SET(g, sw_exit_info_2, gpa);
}

void answer_ipi(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
	u64 icr = g->save.sw_exit_info_1;

	if (!x2apic_is_writable(APIC_ICR_LOW, icr)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
		return;
	}
	xapic_command_x2(v, icr);
	ghcb_reply(g);
}

void answer_apic_ids(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
	u64 pages = g->save.rax;

	(void)v;
	if (apic_id_list(g->save.sw_exit_info_1, &pages)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
		return;
	}
	ghcb_reply(g);
	GHCB_SET(g, rax, pages);
}
