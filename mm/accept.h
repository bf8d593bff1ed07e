/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which memory is accepted, a bit for each 2M unit, and accepting it through pv_ops. What is
 * accepted is mapped, and nothing else of RAM is: a stray access is a page fault, not a host's
 * chance. Heap and phys_alloc() accept as they grow. Any processor may call.
 */
#pragma once

#include "abi/bits.h"
#include "lib/addr.h"
#include "mm/usable.h"

/* Bytes of metadata for memory in [0, @limit). */
u64 accept_metadata_size(u64 limit);
/*
 * Accepts the whole 2M units of @first, which the early tables map; @metadata lies in them.
 * @ranges, which stays where it is, says what may be accepted: nothing outside of it ever is.
 */
void accept_init(const struct usable_ranges *ranges, struct usable_range first, void *metadata);
/*
 * Accepts and maps what is not yet accepted in all 2M units that [start, +size) touches, and waits
 * for what others are accepting of it. Never fails: a refusal terminates the guest.
 */
void accept_range(pa_t start, u64 size);
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
