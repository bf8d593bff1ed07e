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

/* @size rounded up to pages, page-aligned, zeroed. Panics when RAM is exhausted. */
void *memory_alloc(u64 size);

/* The same, but with any content: what would take longer to clear, the more memory there is. */
void *memory_alloc_dirty(u64 size);

/* The largest size that there is room for. */
u64 memory_left(void);

/* Start and end of what has been handed out so far. */
u64 memory_low(void);
u64 memory_high(void);
