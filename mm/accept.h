/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accepting memory through pv_ops: what the memory map says that nobody has accepted before us,
 * where pages have states. What is accepted is mapped, and nothing else of RAM is: a stray access
 * is a page fault, not a host's chance. Heap and phys_alloc() accept as they grow. Any processor
 * may call.
 */
#pragma once

#include "abi/bits.h"
#include "lib/addr.h"

/* Before all else, and before page_states_init(): the early tables map it. */
void accept_first(pa_t start, u64 size);
/*
 * Accepts and maps what is not yet accepted in all 2M units that [start, +size) touches, which are
 * RAM of mm's, and waits for what others are accepting of it. Never fails: a refusal terminates.
 */
void accept_range(pa_t start, u64 size);
/* Accepts and maps whole pages that fill no unit, once. */
void accept_pages(pa_t start, u64 size);
/*
 * For a processor with nothing else to do, before it halts: accepts at most one whole unit, in one
 * call of the hook. Returns whether there may be more.
 */
bool accept_some(void);

/* For the line in the boot log; 0 where nothing needs to be accepted. */
struct accept_counts {
	u64 bytes;
	u64 units_2m;
	u64 pages_4k;
};
struct accept_counts accept_counts(void);
