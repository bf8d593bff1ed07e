/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The RAM that mm may hand out: the loader's RAM ranges without what is taken already (low memory,
 * the image).
 */
#pragma once

#include "abi/bits.h"
#include "early/boot_info.h"
#include "lib/compiler.h"

struct usable_range {
	u64 start;
	u64 end;
};

/* Each hole that is cut makes at most one range more. */
#define USABLE_HOLES_MAX  4
#define USABLE_RANGES_MAX (BOOT_RANGES_MAX + USABLE_HOLES_MAX)

struct usable_ranges {
	u32 count; /* sorted, whole 4K pages, not empty, no overlaps */
	struct usable_range range[USABLE_RANGES_MAX];
};

/* 2M units in [0, @limit), the last one perhaps in part. */
static inline u64 usable_units(u64 limit)
{
	return align_up(limit, (u64)PAGE_2M_SIZE) / PAGE_2M_SIZE;
}

/* All RAM of @info. */
void usable_init(struct usable_ranges *ranges, const struct boot_info *info);
/* Cuts [start, end), widened to whole pages, out of all ranges. */
void usable_cut(struct usable_ranges *ranges, u64 start, u64 end);
/* The end of the highest range. */
u64 usable_limit(const struct usable_ranges *ranges);
u64 usable_size(const struct usable_ranges *ranges);
/* Does one range hold all of [start, end)? */
bool usable_contains(const struct usable_ranges *ranges, u64 start, u64 end);
/* Does [start, end) touch any range? */
bool usable_overlaps(const struct usable_ranges *ranges, u64 start, u64 end);
