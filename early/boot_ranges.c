/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory map in boot_info: sorted, without overlaps, whatever order the loader has.
 */
#include <stdarg.h>

#include "abi/pvh.h"
#include "early/boot_parse.h"
#include "lib/format.h"
#include "lib/string.h"

/* The PC's display memory and ROMs. */
#define HOLE_START 0xa0000
#define HOLE_END   0x100000

int boot_refuse(struct boot_error *error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vformat(error->text, sizeof(error->text), fmt, args);
	va_end(args);
	return -E_INVAL;
}

enum boot_range_type boot_e820_type(u32 type)
{
	switch (type) {
	case HVM_MEMMAP_RAM: return BOOT_RANGE_RAM;
	case HVM_MEMMAP_ACPI: return BOOT_RANGE_ACPI;
	case HVM_MEMMAP_NVS: return BOOT_RANGE_NVS;
	case HVM_MEMMAP_UNUSABLE:
	case HVM_MEMMAP_DISABLED: return BOOT_RANGE_UNUSABLE;
	}
	return BOOT_RANGE_RESERVED;
}

static u64 range_end(const struct boot_range *range) { return range->start + range->size; }

static void remove_at(struct boot_info *info, u32 at)
{
	info->range_count--;
	memmove(&info->ranges[at], &info->ranges[at + 1],
		(info->range_count - at) * sizeof(info->ranges[0]));
}

/* Merges entry @at with the one behind it where they are one range. */
static void merge_at(struct boot_info *info, u32 at)
{
	struct boot_range *range = &info->ranges[at];

	if (at + 1 >= info->range_count || range[0].type != range[1].type ||
	    range_end(&range[0]) != range[1].start)
		return;
	range[0].size += range[1].size;
	remove_at(info, at + 1);
}

int boot_range_add(struct boot_info *info, const char *source, u64 index, u64 start, u64 size,
		   enum boot_range_type type, struct boot_error *error)
{
	u32 at = 0;

	if (!size)
		return 0;
	if (start + size < start)
		return boot_refuse(error, "%s: entry %lu wraps: %#lx + %#lx", source, index, start,
				   size);
	while (at < info->range_count && info->ranges[at].start < start)
		at++;
	if ((at > 0 && range_end(&info->ranges[at - 1]) > start) ||
	    (at < info->range_count && info->ranges[at].start < start + size))
		return boot_refuse(error, "%s: entry %lu, %#lx + %#lx, overlaps another", source,
				   index, start, size);
	if (info->range_count == BOOT_RANGES_MAX)
		return boot_refuse(error, "%s: more than %u ranges", source, BOOT_RANGES_MAX);
	memmove(&info->ranges[at + 1], &info->ranges[at],
		(info->range_count - at) * sizeof(info->ranges[0]));
	info->ranges[at] = (struct boot_range){ start, size, type };
	info->range_count++;
	merge_at(info, at);
	if (at > 0)
		merge_at(info, at - 1);
	return 0;
}

int boot_range_add_ram(struct boot_info *info, const char *source, u64 index, u64 start, u64 size,
		       struct boot_error *error)
{
	u64 end = start + size;
	int err;

	/* What wraps is left to boot_range_add() to refuse. */
	if (end < start || start >= HOLE_END || end <= HOLE_START)
		return boot_range_add(info, source, index, start, size, BOOT_RANGE_RAM, error);
	err = start >= HOLE_START ? 0
				  : boot_range_add(info, source, index, start, HOLE_START - start,
						   BOOT_RANGE_RAM, error);
	if (err || end <= HOLE_END)
		return err;
	return boot_range_add(info, source, index, HOLE_END, end - HOLE_END, BOOT_RANGE_RAM, error);
}

/* False when nothing of it is left. */
static bool trim(struct boot_range *range)
{
	u64 start, end;

	if (range->start > ~U64_C(0) - PAGE_SIZE)
		return false;
	start = align_up(range->start, PAGE_SIZE);
	end = align_down(range_end(range), PAGE_SIZE);
	if (end <= start)
		return false;
	range->start = start;
	range->size = end - start;
	return true;
}

int boot_ranges_finish(struct boot_info *info, const char *source, u64 image_start, u64 image_end,
		       struct boot_error *error)
{
	bool has_image = false;

	for (u32 i = 0; i < info->range_count;) {
		struct boot_range *range = &info->ranges[i];

		if (range->type == BOOT_RANGE_RAM && !trim(range)) {
			remove_at(info, i);
			continue;
		}
		if (range->type == BOOT_RANGE_RAM && range->start <= image_start &&
		    range_end(range) >= image_end)
			has_image = true;
		i++;
	}
	if (!has_image)
		return boot_refuse(error, "%s: the image, %#lx to %#lx, is not in RAM", source,
				   image_start, image_end);
	return 0;
}
