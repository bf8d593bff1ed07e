/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See page_watch.h.
 */
#include "monitor/hardware/page_watch.h"

#include "lib/cpu.h"
#include "lib/format.h"
#include "monitor/hardware/page_state.h"
#include "monitor/hardware/state.h"
#include "monitor/machine/end.h"
#include "monitor/svm/profile.h"

enum shown { SHOWN_NONE, SHOWN_SHARED, SHOWN_PENDING, SHOWN_PRIVATE, SHOWN_VMSA };

static const char *const names[] = { "none", "shared", "pending", "private", "vmsa" };

static struct {
	const struct vcpu *v;
	u64 gpa, size;
	enum shown from, to;
} kept;

static enum shown rmp_shown(u32 entry)
{
	if (!(entry & RMP_ASSIGNED))
		return SHOWN_SHARED;
	if (entry & RMP_VMSA)
		return SHOWN_VMSA;
	return entry & RMP_VALIDATED ? SHOWN_PRIVATE : SHOWN_PENDING;
}

/* A page that the host has not added waits to be accepted as one that it has. */
static enum shown sept_shown(u32 entry)
{
	if (!(entry & SEPT_RAM))
		return SHOWN_NONE;
	if (!(entry & SEPT_PRIVATE))
		return SHOWN_SHARED;
	return entry & SEPT_MAPPED ? SHOWN_PRIVATE : SHOWN_PENDING;
}

/* Without an RMP nothing tells a host's page from the guest's: what has been used so far is. */
static enum shown sev_shown(u32 entry)
{
	return entry & SEV_PAGE_SHARED ? SHOWN_SHARED : SHOWN_PRIVATE;
}

static enum shown shown(const struct page_states *s, u32 word)
{
	if (s == &hardware.rmp.pages)
		return rmp_shown(word);
	return s == &hardware.td.sept.pages ? sept_shown(word) : sev_shown(word);
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
	       size, names[kept.from], names[kept.to], v ? v->profile.tsc : rdtsc(),
	       v ? v->profile.rip : 0);
	transcript_apart(&transcript, v ? v->id : 0, EVENT_PAGE, text);
}

static void changed(const struct page_states *s, u64 frame, u64 count, u32 old, u32 word)
{
	enum shown from = shown(s, old), to = shown(s, word);
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

void page_watch_init(void)
{
	if (!tracing || !(transcript.events & 1U << EVENT_PAGE))
		return;
	page_state_changed = changed;
	end_last_lines = page_watch_flush;
}
