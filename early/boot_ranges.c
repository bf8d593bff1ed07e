/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What loaders give to the memory map: sorted, without overlaps, whatever order they have.
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

enum memory_type boot_e820_type(u32 type)
{
	switch (type) {
	case HVM_MEMMAP_RAM: return MEMORY_RAM;
	case HVM_MEMMAP_ACPI: return MEMORY_ACPI;
	case HVM_MEMMAP_NVS: return MEMORY_NVS;
	case HVM_MEMMAP_UNUSABLE:
	case HVM_MEMMAP_DISABLED: return MEMORY_UNUSABLE;
	}
	return MEMORY_RESERVED;
}

static void insert_at(struct memory_map *map, u32 at, struct memory_range range)
{
	memmove(&map->ranges[at + 1], &map->ranges[at], (map->count - at) * sizeof(map->ranges[0]));
	map->ranges[at] = range;
	map->count++;
}

static void remove_at(struct memory_map *map, u32 at)
{
	map->count--;
	memmove(&map->ranges[at], &map->ranges[at + 1], (map->count - at) * sizeof(map->ranges[0]));
}

/* Merges entry @at with the one behind it where they are one range. */
static void merge_at(struct memory_map *map, u32 at)
{
	struct memory_range *range = &map->ranges[at];

	if (at + 1 >= map->count || range[0].type != range[1].type ||
	    range[0].accepted != range[1].accepted || memory_range_end(&range[0]) != range[1].start)
		return;
	range[0].size += range[1].size;
	remove_at(map, at + 1);
}

static int refuse_many(const char *giver, struct boot_error *error)
{
	return boot_refuse(error, "%s: more than %u ranges", giver, MEMORY_RANGES_MAX);
}

int boot_range_add(struct memory_map *map, u64 index, struct memory_range range,
		   struct boot_error *error)
{
	u32 at = 0;

	if (!range.size)
		return 0;
	if (memory_range_end(&range) < range.start)
		return boot_refuse(error, "%s: entry %lu wraps: %#lx + %#lx", range.giver, index,
				   range.start, range.size);
	while (at < map->count && map->ranges[at].start < range.start)
		at++;
	if ((at > 0 && memory_range_end(&map->ranges[at - 1]) > range.start) ||
	    (at < map->count && map->ranges[at].start < memory_range_end(&range)))
		return boot_refuse(error, "%s: entry %lu, %#lx + %#lx, overlaps another",
				   range.giver, index, range.start, range.size);
	if (map->count == MEMORY_RANGES_MAX)
		return refuse_many(range.giver, error);
	insert_at(map, at, range);
	merge_at(map, at);
	if (at > 0)
		merge_at(map, at - 1);
	return 0;
}

int boot_range_add_ram(struct memory_map *map, u64 index, struct memory_range range,
		       struct boot_error *error)
{
	u64 end = memory_range_end(&range);
	struct memory_range below = range, above = range;
	int err;

	range.type = below.type = above.type = MEMORY_RAM;
	/* What wraps is left to boot_range_add() to refuse. */
	if (end < range.start || range.start >= HOLE_END || end <= HOLE_START)
		return boot_range_add(map, index, range, error);
	below.size = range.start < HOLE_START ? HOLE_START - range.start : 0;
	err = boot_range_add(map, index, below, error);
	if (err || end <= HOLE_END)
		return err;
	above.start = HOLE_END;
	above.size = end - HOLE_END;
	return boot_range_add(map, index, above, error);
}

/* False when nothing of it is left. */
static bool trim(struct memory_range *range)
{
	u64 start, end;

	if (range->start > ~U64_C(0) - PAGE_SIZE)
		return false;
	start = align_up(range->start, PAGE_SIZE);
	end = align_down(memory_range_end(range), PAGE_SIZE);
	if (end <= start)
		return false;
	range->start = start;
	range->size = end - start;
	return true;
}

static void trim_all(struct memory_map *map)
{
	for (u32 i = 0; i < map->count;) {
		if (map->ranges[i].type == MEMORY_RAM && !trim(&map->ranges[i]))
			remove_at(map, i);
		else
			i++;
	}
}

/* Entry @at is in two at @address, which lies in it. */
static void split_at(struct memory_map *map, u32 at, u64 address)
{
	struct memory_range behind = map->ranges[at];

	if (address == behind.start || address == memory_range_end(&behind))
		return;
	behind.size = memory_range_end(&behind) - address;
	behind.start = address;
	map->ranges[at].size -= behind.size;
	insert_at(map, at + 1, behind);
}

/* Whoever loaded the image has accepted its pages: it runs. */
static int take_image(struct memory_map *map, u32 at, u64 start, u64 end, struct boot_error *error)
{
	if (map->count > MEMORY_RANGES_MAX - 2)
		return refuse_many(map->ranges[at].giver, error);
	split_at(map, at, end);
	split_at(map, at, start);
	at += map->ranges[at].start != start;
	map->ranges[at].type = MEMORY_IMAGE;
	map->ranges[at].accepted = true;
	return 0;
}

int boot_ranges_finish(struct memory_map *map, u64 image_start, u64 image_end,
		       struct boot_error *error)
{
	trim_all(map);
	for (u32 i = 0; i < map->count; i++) {
		const struct memory_range *range = &map->ranges[i];

		if (range->type == MEMORY_RAM && range->start <= image_start &&
		    memory_range_end(range) >= image_end)
			return take_image(map, i, image_start, image_end, error);
	}
	return boot_refuse(error, "memory map: the image, %#lx to %#lx, is not in RAM", image_start,
			   image_end);
}
