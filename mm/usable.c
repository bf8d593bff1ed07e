/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of RAM ranges that mm may hand out, and cutting holes into it.
 */
#include "mm/usable.h"

#include "lib/compiler.h"
#include "lib/panic.h"

static void usable_insert(struct usable_ranges *ranges, u32 at, u64 start, u64 end)
{
	CHECK(ranges->count < USABLE_RANGES_MAX);
	for (u32 i = ranges->count; i > at; i--)
		ranges->range[i] = ranges->range[i - 1];
	ranges->range[at] = (struct usable_range){ start, end };
	ranges->count++;
}

static void usable_remove(struct usable_ranges *ranges, u32 at)
{
	ranges->count--;
	for (u32 i = at; i < ranges->count; i++)
		ranges->range[i] = ranges->range[i + 1];
}

void usable_init(struct usable_ranges *ranges, const struct boot_info *info)
{
	ranges->count = 0;
	for (u32 i = 0; i < info->range_count; i++) {
		const struct boot_range *range = &info->ranges[i];
		u64 start = align_up(range->start, (u64)PAGE_SIZE);
		u64 end = align_down(range->start + range->size, (u64)PAGE_SIZE);

		if (range->type == BOOT_RANGE_RAM && start < end)
			usable_insert(ranges, ranges->count, start, end);
	}
}

/* Cuts [start, end) out of range @i; returns the index of the next range to look at. */
static u32 usable_cut_one(struct usable_ranges *ranges, u32 i, u64 start, u64 end)
{
	struct usable_range range = ranges->range[i];

	if (end <= range.start || range.end <= start)
		return i + 1;
	usable_remove(ranges, i);
	if (range.start < start)
		usable_insert(ranges, i++, range.start, start);
	if (end < range.end)
		usable_insert(ranges, i++, end, range.end);
	return i;
}

void usable_cut(struct usable_ranges *ranges, u64 start, u64 end)
{
	start = align_down(start, (u64)PAGE_SIZE);
	end = align_up(end, (u64)PAGE_SIZE);
	for (u32 i = 0; i < ranges->count;)
		i = usable_cut_one(ranges, i, start, end);
}

u64 usable_limit(const struct usable_ranges *ranges)
{
	return ranges->count ? ranges->range[ranges->count - 1].end : 0;
}

u64 usable_size(const struct usable_ranges *ranges)
{
	u64 size = 0;

	for (u32 i = 0; i < ranges->count; i++)
		size += ranges->range[i].end - ranges->range[i].start;
	return size;
}

bool usable_contains(const struct usable_ranges *ranges, u64 start, u64 end)
{
	for (u32 i = 0; i < ranges->count; i++) {
		if (start >= ranges->range[i].start && end <= ranges->range[i].end)
			return true;
	}
	return false;
}

bool usable_overlaps(const struct usable_ranges *ranges, u64 start, u64 end)
{
	for (u32 i = 0; i < ranges->count; i++) {
		if (start < ranges->range[i].end && ranges->range[i].start < end)
			return true;
	}
	return false;
}
