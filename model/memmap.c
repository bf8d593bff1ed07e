/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's memory map: see memmap.h.
 */
#include "model/memmap.h"
#include "lib/compiler.h"

void memmap_init(struct memmap *map) { map->count = 0; }

static u64 end_of(const struct hvm_memmap_entry *entry) { return entry->addr + entry->size; }

/* Appends behind everything that is there; joins it to a neighbour of the same type. */
static int append(struct memmap *map, u64 base, u64 end, u32 type)
{
	struct hvm_memmap_entry *last = map->count ? &map->entries[map->count - 1] : NULL;

	if (base >= end || !type)
		return 0;
	if (last && last->type == type && end_of(last) == base) {
		last->size += end - base;
		return 0;
	}
	if (map->count == MEMMAP_MAX)
		return -E_NOSPC;
	map->entries[map->count++] =
		(struct hvm_memmap_entry){ .addr = base, .size = end - base, .type = type };
	return 0;
}

int memmap_set(struct memmap *map, u64 base, u64 size, u32 type)
{
	struct memmap old = *map;
	u64 end = base + size;
	bool done = false;
	int error = 0;

	if (!size || end < base)
		return -E_INVAL;
	map->count = 0;
	for (unsigned int i = 0; i < old.count && !error; i++) {
		const struct hvm_memmap_entry *e = &old.entries[i];
		u64 before = end_of(e) < base ? end_of(e) : base;
		u64 behind = e->addr > end ? e->addr : end;

		error = append(map, e->addr, before, e->type);
		if (!error && !done && end_of(e) > base) {
			error = append(map, base, end, type);
			done = true;
		}
		if (!error)
			error = append(map, behind, end_of(e), e->type);
	}
	if (!error && !done)
		error = append(map, base, end, type);
	if (error)
		*map = old;
	return error;
}

u32 memmap_type(const struct memmap *map, u64 address)
{
	for (unsigned int i = 0; i < map->count; i++)
		if (address - map->entries[i].addr < map->entries[i].size)
			return map->entries[i].type;
	return 0;
}

/* Neighbours of one type are joined, so that a range of RAM lies in one entry. */
bool memmap_is_ram(const struct memmap *map, u64 base, u64 size)
{
	for (unsigned int i = 0; i < map->count; i++) {
		const struct hvm_memmap_entry *e = &map->entries[i];
		u64 offset = base - e->addr;

		if (e->type == HVM_MEMMAP_RAM && offset < e->size)
			return size && size <= e->size - offset;
	}
	return false;
}

/* The part of a RAM entry in [low, high): false where there is none. */
static bool clip(const struct hvm_memmap_entry *e, u64 low, u64 high, u64 *begin, u64 *end)
{
	*begin = e->addr > low ? e->addr : low;
	*end = end_of(e) < high ? end_of(e) : high;
	return e->type == HVM_MEMMAP_RAM && *begin < *end;
}

int memmap_find_high(const struct memmap *map, u64 size, u64 align, u64 low, u64 high, u64 *base)
{
	for (unsigned int i = map->count; i-- > 0;) {
		u64 begin, end, at;

		if (!clip(&map->entries[i], low, high, &begin, &end) || end - begin < size)
			continue;
		at = align_down(end - size, align);
		if (at >= begin) {
			*base = at;
			return 0;
		}
	}
	return -E_NOMEM;
}

int memmap_find_low(const struct memmap *map, u64 size, u64 align, u64 low, u64 high, u64 *base)
{
	for (unsigned int i = 0; i < map->count; i++) {
		u64 begin, end, at;

		if (!clip(&map->entries[i], low, high, &begin, &end))
			continue;
		at = align_up(begin, align);
		if (at >= begin && at < end && end - at >= size) {
			*base = at;
			return 0;
		}
	}
	return -E_NOMEM;
}

u64 memmap_ram_end(const struct memmap *map)
{
	for (unsigned int i = map->count; i-- > 0;)
		if (map->entries[i].type == HVM_MEMMAP_RAM)
			return end_of(&map->entries[i]);
	return 0;
}
