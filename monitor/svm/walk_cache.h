/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a processor's last walks came to, for walk.c. No exit and no INVLPG has to be seen for it: a
 * translation counts only while every entry that led to it still says the same, so that it is never
 * older than what a walk would find now, let alone than a TLB.
 */
#pragma once

#include "abi/bits.h"

#define WALK_LEVELS_MAX    5
#define WALK_CACHE_SETS    16
#define WALK_CACHE_WAYS    2
#define WALK_CACHE_NOTHING 0 /* a tag that no walk has */

struct walk_translation {
	u64 tag; /* the page's linear address, and what kind of access by whom */
	/* What the walk depended on beside the tables: registers, and the pages' states. */
	u64 cr0, cr3, cr4, efer;
	const struct npt *npt;
	u64 npt_changes; /* until then nothing has changed that it depends on */
	unsigned int level_count;
	struct {
		const u64 *entry;
		u64 value;
		u64 address;       /* of the entry */
	} levels[WALK_LEVELS_MAX]; /* those that there are not point to a 0 that stays one */
	u64 address;               /* guest-physical, alias bit included */
	u8 *page;                  /* there, once it has been judged; NULL: not yet */
};

struct walk_cache {
	struct walk_translation sets[WALK_CACHE_SETS][WALK_CACHE_WAYS]; /* the newest first */
};
