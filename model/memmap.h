/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's memory map, made from the loader's: cleaned, the monitor cut out, ACPI tables given
 * the type that Linux maps privately.
 * Spec: PVH (types, the same numbers as e820's).
 */
#pragma once

#include "abi/pvh.h"
#include "lib/errno.h"

#define MEMMAP_MAX 64

/* Sorted by address; entries neither overlap nor are empty nor wrap. */
struct memmap {
	unsigned int count;
	struct hvm_memmap_entry entries[MEMMAP_MAX];
};

void memmap_init(struct memmap *map);

/*
 * Gives [base, base + size) @type, whatever it was before: adds RAM, cuts ranges out, retypes;
 * type 0 makes a hole.
 * -E_INVAL: empty or wraps; -E_NOSPC: more than MEMMAP_MAX entries.
 */
must_check int memmap_set(struct memmap *map, u64 base, u64 size, u32 type);

/* The type of @address; 0 in a hole. */
u32 memmap_type(const struct memmap *map, u64 address);

/* Whether all of [base, base + size) is RAM. An empty or wrapping range is not. */
bool memmap_is_ram(const struct memmap *map, u64 base, u64 size);

/*
 * The highest place for @size bytes of RAM, aligned to @align (a power of two), that lies in
 * [low, high): -E_NOMEM where there is none.
 */
must_check int memmap_find_high(const struct memmap *map, u64 size, u64 align, u64 low, u64 high,
				u64 *base);
/* The lowest. */
must_check int memmap_find_low(const struct memmap *map, u64 size, u64 align, u64 low, u64 high,
			       u64 *base);

/* The end of the highest RAM entry. */
u64 memmap_ram_end(const struct memmap *map);
