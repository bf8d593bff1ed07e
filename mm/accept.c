/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accepting memory in runs of 2M units, each unit once: a second time would be an attack's sign
 * (SNP: PVALIDATE that changes nothing; TDX: ALREADY_ACCEPTED).
 */
#include "mm/accept.h"

#include "abi/ghcb.h"
#include "early/platform.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "paravirt/pv_ops.h"

/* A set bit is an accepted unit. */
static u64 *accepted;
static u64 accept_unit_count;
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

	counts.bytes += end - start;
	counts.units_2m += units;
	counts.pages_4k += (end - start - units * PAGE_2M_SIZE) / PAGE_SIZE;
}

static void accept_one(u64 start, u64 end)
{
	if (start >= end)
		return;
	if (pv_accept_memory(pa(start), end - start))
		pv_terminate(GHCB_TERM_PVALIDATE);
	if (cc_has(CC_PAGE_STATES))
		count(start, end);
}

/* The part of [start, end) that is RAM of ours. */
static void accept_ram(u64 start, u64 end)
{
	for (u32 i = 0; i < acceptable->count; i++) {
		struct usable_range range = acceptable->range[i];

		accept_one(start > range.start ? start : range.start,
			   end < range.end ? end : range.end);
	}
}

static bool is_accepted(u64 unit) { return accepted[unit / 64] & BIT(unit % 64); }

static void mark(u64 first, u64 end)
{
	for (u64 unit = first; unit < end; unit++)
		accepted[unit / 64] |= BIT(unit % 64);
}

void accept_init(const struct usable_ranges *ranges, pa_t first, u64 first_size)
{
	u64 limit = usable_limit(ranges);

	CHECK(is_aligned(first.value | first_size, (u64)PAGE_2M_SIZE));
	acceptable = ranges;
	accept_unit_count = usable_units(limit);
	accept_ram(first.value, first.value + first_size);
	accepted = pa_ptr(first);
	memset(accepted, 0, accept_metadata_size(limit));
	mark(first.value / PAGE_2M_SIZE, (first.value + first_size) / PAGE_2M_SIZE);
}

void accept_range(pa_t start, u64 size)
{
	u64 unit = start.value / PAGE_2M_SIZE, end = usable_units(start.value + size);

	CHECK(end <= accept_unit_count);
	while (unit < end) {
		u64 run = unit;

		while (run < end && !is_accepted(run))
			run++;
		accept_ram(unit * PAGE_2M_SIZE, run * PAGE_2M_SIZE);
		mark(unit, run);
		unit = run + (run == unit);
	}
}
