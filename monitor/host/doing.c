/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See doing.h.
 */
#include "monitor/host/doing.h"

#include "lib/compiler.h"
#include "monitor/host/liar.h"
#include "monitor/svm/denied.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/smp.h"

static bool is_td(void) { return guest.hardware->is_intel; }

static bool do_vc(struct vcpu *v, u64 exit)
{
	if (is_td() || guest_is_restricted() || inject_pending(v) ||
	    v->vmcb->control.exit_int_info & EVENT_VALID)
		return false;
	inject_vc(v, exit);
	return true;
}

/* A guest that reads twice what it has to read once is found by this, between the two. */
static bool do_write(const struct lie *lie, u64 *before, u64 *after)
{
	u64 *word = page_of_host(lie->address & ~U64_C(7), sizeof(*word));

	if (!word)
		return false;
	*before = READ_ONCE(*word);
	*after = lie->how == POINT_FLIP ? *before ^ lie->value : lie->value;
	WRITE_ONCE(*word, *after);
	return true;
}

/* What was taken is remembered: what the guest then meets is the host's doing. */
static bool do_take(u64 gpa, bool gives_back)
{
	if (!guest.hardware->host_takes(gpa, gives_back))
		return false;
	denied_note(gpa, false);
	npt_unmap(&guest.npt, gpa, PAGE_SIZE);
	return true;
}

/* Hardware sees that it is not the guest's page; a TD's host can only move it with its contents. */
static bool do_remap(u64 gpa)
{
	if (guest.hardware->is_shared(gpa))
		return false;
	if (!is_td())
		denied_note(gpa, true);
	npt_unmap(&guest.npt, gpa, PAGE_SIZE);
	return true;
}

static bool do_page(const struct lie *lie, u64 gpa)
{
	if (page_class(gpa) != PAGE_RAM)
		return false;
	switch (lie->field) {
	case POINT_PAGE_TAKE: return do_take(gpa, false);
	case POINT_PAGE_RENEW: return do_take(gpa, true);
	case POINT_PAGE_REMAP: return do_remap(gpa);
	default: npt_unmap(&guest.npt, gpa, PAGE_SIZE); return true;
	}
}

bool doing_do(struct vcpu *v, const struct lie *lie, u64 *before, u64 *after)
{
	*before = 0;
	*after = lie->value;
	switch (lie->field) {
	case POINT_EVENT: return liar_inject(v, (unsigned int)(lie->value % VEC_COUNT), is_td());
	case POINT_NMI: v->nmi_pending = true; return true;
	case POINT_VC: return do_vc(v, lie->value);
	case POINT_WRITE: return do_write(lie, before, after);
	case POINT_DELAY:
		smp_pause(v, lie->value < DOING_DELAY_MAX ? lie->value : DOING_DELAY_MAX);
		return true;
	default: return do_page(lie, align_down(lie->value, (u64)PAGE_SIZE));
	}
}
