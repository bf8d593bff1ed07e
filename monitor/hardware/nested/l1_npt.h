/* SPDX-License-Identifier: Apache-2.0 */
/*
 * L1's nested page tables, walked as the processor does. Every entry is read once, and only where
 * L1 has memory. Spec: APM2 15.25.5 (permissions), 15.25.6 (faults), 5.4 (entries).
 */
#pragma once

#include "abi/bits.h"

struct l1_npt_leaf {
	u64 pa;   /* of the page that was asked for */
	u64 size; /* of the mapping */
	bool write;
	bool execute;
};

/*
 * Translates @gpa for an access that *@info (EXITINFO1) describes, and sets A and D bits.
 * A page that is not dirty yet is not writable. False: a fault; *@info says P, RSV, or RMP where
 * a bit would be set in a table that is not L1's.
 */
bool l1_npt_walk(u64 ncr3, u64 gpa, u64 *info, struct l1_npt_leaf *leaf);

/* The same without an access: no bit is set, nothing is checked but that there is a page. */
bool l1_npt_peek(u64 ncr3, u64 gpa, u64 *pa);

/* What the tables say of a 2M: the table of its pages, or one entry for all of it, or nothing. */
struct l1_npt_run {
	const u64 *table; /* NULL: none */
	u64 entry;        /* of the larger page; 0: none */
	u64 size;
	bool write; /* by the upper levels */
	bool execute;
};
struct l1_npt_run l1_npt_run(u64 ncr3, u64 gpa);

/* Whether a shadow @entry of @size at @gpa allows no more than what the tables say now. */
bool l1_npt_still(const struct l1_npt_run *run, u64 gpa, u64 entry, u64 size);
