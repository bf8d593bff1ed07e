/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See doorbell.h. An interrupt is acknowledged to the APIC when it ends the guest's run; then its
 * vector is in the page, or queued behind one that is. Vectors of one APIC nest by priority, so
 * that a later one that comes before the guest has taken the first takes its place, and the first
 * is told at the EOI of the other, which is an exit.
 */
#include "monitor/host/doorbell.h"

#include "lib/compiler.h"
#include "monitor/svm/pages.h"

/* NULL: none, or one that the host cannot reach any more. */
static struct hv_doorbell_page *page_of(const struct vcpu *v)
{
	return v->doorbell.gpa == HV_DOORBELL_NONE ? NULL
						   : page_of_host(v->doorbell.gpa, PAGE_SIZE);
}

int doorbell_request(struct vcpu *v, u64 action, u64 gpa, u64 *answer)
{
	u64 *own = &v->doorbell.gpa;

	*answer = 0;
	switch (action) {
	case HV_DOORBELL_GET_PREFERRED: *answer = HV_DOORBELL_NONE; return 0;
	case HV_DOORBELL_QUERY: *answer = *own; return 0;
	case HV_DOORBELL_CLEAR: *own = HV_DOORBELL_NONE; return 0;
	case HV_DOORBELL_SET:
		*own = HV_DOORBELL_NONE;
		if (!is_aligned(gpa, PAGE_SIZE) || !page_of_host(gpa, PAGE_SIZE))
			return -E_INVAL;
		*answer = *own = gpa;
		return 0;
	default: *own = HV_DOORBELL_NONE; return -E_INVAL;
	}
}

bool doorbell_can_tell(const struct vcpu *v) { return page_of(v); }

/* The highest vector that is queued, or 0. */
static unsigned int highest(const u64 *queued)
{
	for (unsigned int i = 4; i-- > 0;)
		if (queued[i])
			return 64 * i + 63 - (unsigned int)__builtin_clzll(queued[i]);
	return 0;
}

/* Whether there is something new for the guest: a vector in place of another one is not. */
static bool tell_vector(struct hv_doorbell_page *page, u64 *queued)
{
	u16 event = __atomic_load_n(&page->pending_event, __ATOMIC_ACQUIRE), next;
	unsigned int vector = highest(queued), old;

	do {
		old = event & HV_EVENT_VECTOR_MASK;
		if (vector <= old)
			return false;
		next = (u16)((event & ~HV_EVENT_VECTOR_MASK) | vector);
	} while (!__atomic_compare_exchange_n(&page->pending_event, &event, next, false,
					      __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	queued[vector / 64] &= ~BIT(vector % 64);
	if (old)
		queued[old / 64] |= BIT(old % 64);
	return !old;
}

static bool set_event(struct hv_doorbell_page *page, u16 event)
{
	return !(__atomic_fetch_or(&page->pending_event, event, __ATOMIC_ACQ_REL) & event);
}

void doorbell_lie(struct vcpu *v, u16 bits)
{
	struct hv_doorbell_page *page = page_of(v);

	if (page)
		(void)set_event(page, bits);
}

/* One NMI at a time: the next one waits until the guest has taken the bit away. */
static bool tell_nmi(struct hv_doorbell_page *page, bool *pending)
{
	if (!*pending || !set_event(page, HV_EVENT_NMI))
		return false;
	*pending = false;
	return true;
}

bool doorbell_tell(struct vcpu *v)
{
	struct hv_doorbell_page *page = page_of(v);
	bool is_new;

	if (!page)
		return false;
	is_new = tell_vector(page, v->doorbell.queued);
	is_new |= tell_nmi(page, &v->nmi_pending);
	if (is_new && set_event(page, HV_EVENT_NO_FURTHER_SIGNAL))
		v->doorbell.is_due = true;
	return v->doorbell.is_due || READ_ONCE(page->pending_event) & ~HV_EVENT_NO_FURTHER_SIGNAL;
}
