/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The monitor's own memory: a block at the end of the largest RAM range below 4 GiB, handed out
 * from its top downwards. What lies at or above memory_low() is not the guest's.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"
#include "model/memmap.h"

/* Chooses the block in @map. */
void memory_init(const struct memmap *map);

/* @size rounded up to pages, page-aligned, zeroed. The run ends where RAM is exhausted. */
void *memory_alloc(u64 size);

/* The same, but with any content: what would take longer to clear, the more memory there is. */
void *memory_alloc_dirty(u64 size);

/*
 * From now on a page of this lies behind each piece: whoever reads on sees it. A guest that fuzzes
 * the monitor looks for it in everything that it gets.
 */
#define MEMORY_CANARY U64_C(0xc5c5c5c5c5c5c5c5) /* the same in whatever width and place */
void memory_guard(void);
/* And from @low, which is the guest's no more, up to the lowest piece. */
void memory_guard_to(u64 low);

/* Whether there is room for a piece of @size bytes. */
bool memory_has(u64 size);

/* Start and end of what has been handed out so far. */
u64 memory_low(void);
u64 memory_high(void);
