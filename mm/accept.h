/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which memory is accepted, a bit for each 2M unit, and accepting it through pv_ops. All whole
 * units are accepted at boot; accepting on first use needs only that accept_range() is called
 * later, as mm.c does for what fills no unit.
 */
#pragma once

#include "abi/bits.h"
#include "lib/addr.h"
#include "mm/usable.h"

/* Bytes of metadata for memory in [0, @limit). */
u64 accept_metadata_size(u64 limit);
/*
 * Accepts the whole 2M units at @first and keeps its metadata at their beginning. @ranges, which
 * stays where it is, says what may be accepted: nothing outside of it ever is.
 */
void accept_init(const struct usable_ranges *ranges, pa_t first, u64 first_size);
/*
 * Accepts what is not yet accepted in all 2M units that [start, +size) touches; a private mapping
 * of them must exist. Never fails: a refusal terminates the guest.
 */
void accept_range(pa_t start, u64 size);

/* For the line in the boot log; 0 where nothing needs to be accepted. */
struct accept_counts {
	u64 bytes;
	u64 units_2m;
	u64 pages_4k;
};
struct accept_counts accept_counts(void);
