/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mapping and accepting memory in runs of 2M units, each unit once: a second time would be an
 * attack's sign (SNP: PVALIDATE that changes nothing; TDX: ALREADY_ACCEPTED). Who accepts marks the
 * units before, and others accept others meanwhile; who needs one of them waits for it alone.
 */
#include "mm/accept.h"

#include "abi/ghcb.h"
#include "early/fatal.h"
#include "early/memory_map.h"
#include "early/platform.h"
#include "lib/panic.h"
#include "lib/spinlock.h"
#include "mm/page_states.h"
#include "mm/tables.h"
#include "paravirt/pv_ops.h"

/* Units that accept_some() looks at in one call. */
#define SOME_LOOKS 64

static u64 some_next; /* accept_some() looks here next; below page_states_lock() */
static struct accept_counts counts;

struct accept_counts accept_counts(void) { return counts; }

static void count(u64 start, u64 end)
{
	u64 first = align_up(start, (u64)PAGE_2M_SIZE), last = align_down(end, (u64)PAGE_2M_SIZE);
	u64 units = last > first ? (last - first) / PAGE_2M_SIZE : 0;

	__atomic_fetch_add(&counts.bytes, end - start, __ATOMIC_RELAXED);
	__atomic_fetch_add(&counts.units_2m, units, __ATOMIC_RELAXED);
	__atomic_fetch_add(&counts.pages_4k, (end - start - units * PAGE_2M_SIZE) / PAGE_SIZE,
			   __ATOMIC_RELAXED);
}

/* What is RAM, and mapped by now, which acceptance needs. */
static void accept_ram(u64 start, u64 end)
{
	struct memory_piece part;

	for (; cc_has(CC_PAGE_STATES) && memory_map_next_unaccepted(start, end, &part);
	     start = part.end) {
		if (pv_accept_memory(pa(part.start), part.end - part.start))
			fatal(TERM_PVALIDATE, "the memory at %#lx cannot be accepted", part.start);
		count(part.start, part.end);
	}
}

void accept_first(pa_t start, u64 size) { accept_ram(start.value, start.value + size); }

void accept_pages(pa_t start, u64 size)
{
	tables_map_ram(start.value, start.value + size);
	accept_ram(start.value, start.value + size);
}

static void set_states(u64 first, u64 end, enum page_state state)
{
	for (u64 unit = first; unit < end; unit++)
		unit_set_state(unit, state);
}

/* Those from @first on that nobody has or is at, up to @end; returns where it stopped. */
static u64 accept_run(u64 first, u64 end)
{
	u64 last = first;

	while (last < end && unit_state(last) == PAGE_GIVEN)
		last++;
	set_states(first, last, UNIT_ACCEPTING);
	page_states_unlock();
	accept_pages(pa(first * PAGE_2M_SIZE), (last - first) * PAGE_2M_SIZE);
	page_states_lock();
	set_states(first, last, UNIT_ACCEPTED);
	return last;
}

/* Until who is at @unit may have accepted it. */
static void wait(struct spin_wait *w, u64 unit)
{
	page_states_unlock();
	spin_wait(w, unit);
	page_states_lock();
}

void accept_range(pa_t start, u64 size)
{
	u64 unit = start.value / PAGE_2M_SIZE, end = units_of(start.value + size);
	struct spin_wait w = { 0 };

	CHECK(end <= page_states_limit());
	page_states_lock();
	while (unit < end) {
		if (unit_state(unit) == PAGE_GIVEN)
			unit = accept_run(unit, end);
		else if (unit_state(unit) == UNIT_ACCEPTING)
			wait(&w, unit);
		else
			unit++;
	}
	page_states_unlock();
}

/* All of it mm's RAM: what fills no unit has its time when nothing else is left. */
static bool is_waiting(u64 unit)
{
	u64 start = unit * PAGE_2M_SIZE, end = start + PAGE_2M_SIZE;
	struct memory_piece part;

	return unit_state(unit) == PAGE_GIVEN && start >= LOW_MEMORY_END &&
	       memory_map_is(start, PAGE_2M_SIZE, MEMORY_RAM) &&
	       memory_map_next_unaccepted(start, end, &part);
}

static bool accept_next(void)
{
	for (unsigned int i = 0; i < SOME_LOOKS && some_next < page_states_limit(); i++) {
		u64 unit = some_next++;

		if (!is_waiting(unit))
			continue;
		accept_run(unit, unit + 1);
		break;
	}
	return some_next < page_states_limit();
}

bool accept_some(void)
{
	bool more;

	if (!cc_has(CC_PAGE_STATES))
		return false; /* to map it ahead brings nothing */
	page_states_lock();
	more = accept_next();
	page_states_unlock();
	return more;
}
