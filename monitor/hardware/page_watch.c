/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See page_watch.h.
 */
#include "monitor/hardware/page_watch.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/format.h"
#include "monitor/hardware/page_state.h"
#include "monitor/hardware/state.h"
#include "monitor/machine/end.h"
#include "monitor/svm/breakpoint.h"
#include "monitor/svm/profile.h"

/* As the guest can tell: the first whose bits fit. */
static const struct page_kind rmp_kinds[] = {
	{ RMP_ASSIGNED, 0, "shared" },
	{ RMP_VMSA, RMP_VMSA, "vmsa" },
	{ RMP_VALIDATED, RMP_VALIDATED, "private" },
	{ 0, 0, "pending" },
};

/* A page that the host has not added waits to be accepted as one that it has. */
static const struct page_kind sept_kinds[] = {
	{ SEPT_RAM, 0, "none" },
	{ SEPT_PRIVATE, 0, "shared" },
	{ SEPT_MAPPED, SEPT_MAPPED, "private" },
	{ 0, 0, "pending" },
};

/* Without an RMP nothing tells a host's page from the guest's: what has been used so far is. */
static const struct page_kind sev_kinds[] = {
	{ SEV_PAGE_SHARED, SEV_PAGE_SHARED, "shared" },
	{ 0, 0, "private" },
};

static const struct {
	const struct page_states *states;
	const struct page_kind *kinds;
	u64 kind_count;
} stores[] = {
	{ &hardware.rmp.pages, rmp_kinds, array_count(rmp_kinds) },
	{ &hardware.td.sept.pages, sept_kinds, array_count(sept_kinds) },
	{ &hardware.sev.pages, sev_kinds, array_count(sev_kinds) },
};

static struct {
	const struct vcpu *v;
	u64 gpa, size;
	const struct page_kind *from, *to;
} kept;

static const struct page_kind *kind_of(const struct page_kind *kinds, u32 word)
{
	while ((word & kinds->mask) != kinds->value)
		kinds++;
	return kinds;
}

static const struct page_kind *kinds_of(const struct page_states *s)
{
	for (u64 i = 0; i < array_count(stores); i++)
		if (stores[i].states == s)
			return stores[i].kinds;
	return sev_kinds;
}

void page_watch_flush(void)
{
	char text[TRANSCRIPT_APART_MAX];
	const struct vcpu *v = kept.v;
	u64 size = kept.size;

	if (!size)
		return;
	kept.size = 0;
	format(text, sizeof(text), "gpa=%#lx size=%#lx from=%s to=%s tsc=%#lx rip=%#lx", kept.gpa,
	       size, kept.from->name, kept.to->name, v ? v->profile.tsc : rdtsc(),
	       v ? v->profile.rip : 0);
	transcript_apart(&transcript, v ? v->id : 0, EVENT_PAGE, text);
}

static void changed(const struct page_states *s, u64 frame, u64 count, u32 old, u32 word)
{
	const struct page_kind *from = kind_of(kinds_of(s), old);
	const struct page_kind *to = kind_of(kinds_of(s), word);
	u64 gpa = frame << PAGE_SHIFT;

	if (from == to)
		return;
	if (kept.v != profile_now() || kept.gpa + kept.size != gpa || kept.from != from ||
	    kept.to != to)
		page_watch_flush();
	if (!kept.size)
		kept.gpa = gpa;
	kept.v = profile_now();
	kept.from = from;
	kept.to = to;
	kept.size += count << PAGE_SHIFT;
}

/* Those of the one kind of guest that there is. */
static void tell_debugger(void)
{
	for (u64 i = 0; i < array_count(stores); i++) {
		const struct page_states *s = stores[i].states;

		if (s->page_count)
			breakpoint_set_pages(&(struct breakpoint_pages){
				s->units, s->words, s->page_count, stores[i].kinds,
				stores[i].kind_count });
	}
}

void page_watch_init(void)
{
	tell_debugger();
	if (!tracing || !(transcript.events & 1U << EVENT_PAGE))
		return;
	page_state_changed = changed;
	end_last_lines = page_watch_flush;
}
