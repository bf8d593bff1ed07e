/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See map_gpa.h.
 */
#include "monitor/host/map_gpa.h"

#include "abi/kvm_para.h"
#include "monitor/host/liar.h"
#include "monitor/host/psc.h"
#include "monitor/host/state.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/stop.h"

static void changed(void *context, u64 gpa, u64 size, bool private)
{
	page_changes_add(context, gpa, size, private);
}

/* A piece of it. What could be refused was. */
static void map_more(struct vcpu *v)
{
	struct vcpu_mapping *m = &v->host->mapping;
	struct page_changes changes = { .npt = v->npt };
	struct psc_result r =
		psc_map_range(&hardware.rmp, m->gpa, m->page_count, m->private, changed, &changes);
	u64 done = r.private_count + r.shared_count;

	if (r.violation)
		stop_violation(v, r.violation, "gpa=%#lx", r.gpa);
	page_changes_end(&changes);
	m->gpa += done * PAGE_SIZE;
	m->page_count -= done;
	if (!m->page_count || r.error)
		v->rest = NULL;
}

static s64 map_rmp(struct vcpu *v, u64 gpa, u64 page_count, bool private)
{
	if (!rmp_can_change(&hardware.rmp, gpa, page_count))
		return -KVM_EINVAL;
	v->host->mapping = (struct vcpu_mapping){ gpa, page_count, private };
	v->rest = map_more;
	return 0;
}

/*
 * A page that is said to be shared is so from now on as its host has it, who alone sees it by one
 * alias: a device may be the first to write there, and nobody is told when it does.
 */
static void share(struct vcpu *v, u64 gpa, u64 page_count)
{
	struct page_changes changes = { .npt = v->npt };
	bool used;

	for (u64 run; page_count; page_count -= run, gpa += run * PAGE_SIZE) {
		run = sev_pages_share(&hardware.sev, gpa, page_count, &used);
		if (used)
			changed(&changes, gpa, run * PAGE_SIZE, false);
	}
	page_changes_end(&changes);
}

/* What is used as shared is to be looked at when it is next. */
static void look_again(struct vcpu *v, u64 gpa, u64 page_count)
{
	sev_pages_back(&hardware.sev, gpa, page_count);
	npt_unmap(v->npt, gpa, page_count * PAGE_SIZE);
}

/* A piece of it: all of it is in the table. */
static void tell_more(struct vcpu *v)
{
	struct vcpu_mapping *m = &v->host->mapping;
	u64 count = m->page_count < PSC_PAGES_MAX ? m->page_count : PSC_PAGES_MAX;

	sev_pages_tell(&hardware.sev, m->gpa, count, m->private);
	if (!m->private)
		share(v, m->gpa, count);
	else if (hardware.strict_map_gpa)
		look_again(v, m->gpa, count);
	m->gpa += count * PAGE_SIZE;
	m->page_count -= count;
	if (!m->page_count)
		v->rest = NULL;
}

/*
 * The guest's own use of a page is what counts for itself: by its private alias it finds what it
 * left there, whatever was said. Linux calls all memory private first, the GHCB it says it by too.
 */
static s64 tell(struct vcpu *v, u64 gpa, u64 page_count, bool private)
{
	if (!sev_pages_has(&hardware.sev, gpa, page_count))
		return -KVM_EINVAL;
	v->host->mapping = (struct vcpu_mapping){ gpa, page_count, private };
	v->rest = tell_more;
	return 0;
}

s64 map_gpa(struct vcpu *v, u64 gpa, u64 page_count, bool private)
{
	if (liar_maps_nothing())
		return -KVM_EINVAL;
	if (hardware.rmp.pages.page_count)
		return map_rmp(v, gpa, page_count, private);
	if (hardware.sev.pages.page_count)
		return tell(v, gpa, page_count, private);
	return -KVM_ENOSYS;
}
