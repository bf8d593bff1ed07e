/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mapping and accepting memory in runs of 2M units, each unit once: a second time would be an
 * attack's sign (SNP: PVALIDATE that changes nothing; TDX: ALREADY_ACCEPTED). Who accepts claims
 * the units before, and others accept others meanwhile; who needs one of them waits for it alone.
 */
#include "mm/accept.h"

#include "abi/ghcb.h"
#include "early/fatal.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/spinlock.h"
#include "lib/string.h"
#include "mm/tables.h"
#include "paravirt/pv_ops.h"

/* Units that accept_some() looks at in one call. */
#define SOME_LOOKS 64

static struct spinlock accept_lock; /* of all that follows; not held while one accepts */
/* A set bit is an accepted unit. */
static u64 *accepted;
/* The units that each processor is accepting. */
static struct units {
	u64 first, end;
} claims[CPU_MAX];
static u64 accept_unit_count;
static u64 some_next; /* accept_some() looks here next */
static const struct usable_ranges *acceptable;
static struct accept_counts counts;

u64 accept_metadata_size(u64 limit)
{
	return align_up(align_up(usable_units(limit), 64ULL) / 8, (u64)PAGE_SIZE);
}

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

static void accept_one(u64 start, u64 end)
{
	if (pv_accept_memory(pa(start), end - start))
		fatal(GHCB_TERM_PVALIDATE, "the memory at %#lx cannot be accepted", start);
	if (cc_has(CC_PAGE_STATES))
		count(start, end);
}

/* The part of [start, end) that is RAM of ours; the mapping first, which acceptance needs. */
static void accept_ram(u64 start, u64 end)
{
	for (u32 i = 0; i < acceptable->count; i++) {
		struct usable_range range = acceptable->range[i];

		u64 first = start > range.start ? start : range.start;
		u64 last = end < range.end ? end : range.end;

		if (first >= last)
			continue;
		tables_map_ram(first, last);
		accept_one(first, last);
	}
}

static bool is_accepted(u64 unit) { return accepted[unit / 64] & BIT(unit % 64); }

static void mark(u64 first, u64 end)
{
	for (u64 unit = first; unit < end; unit++)
		accepted[unit / 64] |= BIT(unit % 64);
}

void accept_init(const struct usable_ranges *ranges, struct usable_range first, void *metadata)
{
	u64 limit = usable_limit(ranges);

	CHECK(is_aligned(first.start | first.end, (u64)PAGE_2M_SIZE));
	acceptable = ranges;
	accept_unit_count = usable_units(limit);
	some_next = 0;
	accept_one(first.start, first.end);
	accepted = metadata;
	memset(accepted, 0, accept_metadata_size(limit));
	mark(first.start / PAGE_2M_SIZE, first.end / PAGE_2M_SIZE);
}

static bool is_claimed(u64 unit)
{
	for (unsigned int cpu = 0; cpu < CPU_MAX; cpu++)
		if (unit >= claims[cpu].first && unit < claims[cpu].end)
			return true;
	return false;
}

/* Those from @first on that nobody has or claims, up to @end; returns where it stopped. */
static u64 accept_run(u64 first, u64 end)
{
	struct units *own = &claims[cpu_index()];
	u64 last = first;

	CHECK(own->first == own->end);
	while (last < end && !is_accepted(last) && !is_claimed(last))
		last++;
	*own = (struct units){ first, last };
	spin_unlock(&accept_lock);
	accept_ram(first * PAGE_2M_SIZE, last * PAGE_2M_SIZE);
	spin_lock(&accept_lock);
	mark(first, last);
	*own = (struct units){ 0, 0 };
	return last;
}

/* Until who claims it may have accepted it. */
static void wait(void)
{
	spin_unlock(&accept_lock);
	spin_poll();
	spin_lock(&accept_lock);
}

void accept_range(pa_t start, u64 size)
{
	u64 unit = start.value / PAGE_2M_SIZE, end = usable_units(start.value + size);

	CHECK(end <= accept_unit_count);
	spin_lock(&accept_lock);
	while (unit < end) {
		if (is_accepted(unit))
			unit++;
		else if (is_claimed(unit))
			wait();
		else
			unit = accept_run(unit, end);
	}
	spin_unlock(&accept_lock);
}

/* All RAM, that is: what fills no unit has its time when nothing else is left. */
static bool is_waiting(u64 unit)
{
	u64 start = unit * PAGE_2M_SIZE;

	return !is_accepted(unit) && usable_contains(acceptable, start, start + PAGE_2M_SIZE);
}

static bool accept_next(void)
{
	for (unsigned int i = 0; i < SOME_LOOKS && some_next < accept_unit_count; i++) {
		u64 unit = some_next++;

		if (!is_waiting(unit))
			continue;
		accept_run(unit, unit + 1);
		break;
	}
	return some_next < accept_unit_count;
}

bool accept_some(void)
{
	bool more;

	if (!cc_has(CC_PAGE_STATES))
		return false; /* to map it ahead brings nothing */
	spin_lock(&accept_lock);
	more = accept_next();
	spin_unlock(&accept_lock);
	return more;
}
