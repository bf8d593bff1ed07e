/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store under every kind's page states (rmp.h, tdx_sept.h, sev_pages.h): a word for each 4K
 * page of guest memory. What a word means is the kind's; the store keeps them by 2M units:
 *
 *   unit  +------+--------+      words of its pages, valid in a split unit only
 *         | word | others | ---> [ w ][ w ][ x ][ w ] ... [ w ]
 *         +------+--------+
 *   others: how many of the pages have another word than `word`; 0: all have it, the unit is whole
 *
 * A unit is split by the first page that differs, and whole again as soon as none does: a question
 * about 2M, or a change of it, looks at one word unless the pages do differ. A big guest starts as
 * quickly as a small one, since words of whole units are never written.
 * For a host with more guests than one, frames would be the machine's, and what its RMP says of one
 * (ASID, permissions, the guest-physical address as its distance from the frame's own) is equal all
 * over a linear range too: a wider word, not another store. Not locked: the monitor has one lock.
 */
#pragma once

#include "abi/bits.h"
#include "abi/x86.h"

#define PAGES_PER_2M (PAGE_2M_SIZE / PAGE_SIZE)

struct page_unit {
	u32 word;
	u32 others;
};

struct page_states {
	struct page_unit *units;
	u32 *words; /* of frames 0 to page_count - 1 */
	u64 page_count;
};

/* Who is told of each change, of pages that had and have one word; NULL: nobody. */
extern void (*page_state_changed)(const struct page_states *states, u64 frame, u64 count, u32 old,
				  u32 word);

/* Memory for page_state_init, in u32 words and in bytes. */
#define PAGE_STATE_UNITS(page_count) (((page_count) + PAGES_PER_2M - 1) / PAGES_PER_2M)
#define PAGE_STATE_WORDS(page_count) (2 * PAGE_STATE_UNITS(page_count) + (page_count))
static inline u64 page_state_size(u64 page_count)
{
	return PAGE_STATE_WORDS(page_count) * sizeof(u32);
}

/* Every page's word is 0. @words: PAGE_STATE_WORDS(@page_count) of them, any content. */
void page_state_init(struct page_states *states, u32 *words, u64 page_count);

static inline u64 page_state_frame(u64 gpa) { return gpa >> PAGE_SHIFT; }

/* Whether all of the @count pages from @frame on are in the store. */
static inline bool page_state_has(const struct page_states *states, u64 frame, u64 count)
{
	return frame < states->page_count && count <= states->page_count - frame;
}

/* The word of a page; 0 outside of the store. A page walk asks at every level: inline. */
static inline u32 page_state_get(const struct page_states *states, u64 frame)
{
	const struct page_unit *unit = &states->units[frame / PAGES_PER_2M];

	if (frame >= states->page_count)
		return 0;
	return unit->others ? states->words[frame] : unit->word;
}

/* Clears the bits of @flags in what of [gpa, gpa + size) is in the store. */
void page_state_clear(struct page_states *states, u64 gpa, u64 size, u32 flags);

/*
 * The pages around the one at @gpa, no further than its unit, that equal it in @mask: where they
 * begin, and their @size.
 */
u64 page_state_around(const struct page_states *states, u64 gpa, u32 mask, u64 *size);

/* All below: [@frame, @frame + @count) is in the store, and @count is not 0. */

/* Each page's word becomes (word & ~@clear) | @set. */
void page_state_change(struct page_states *states, u64 frame, u64 count, u32 clear, u32 set);

/* How many pages from @frame on, of @count, are equal; no further than to the end of the unit. */
u64 page_state_run(const struct page_states *states, u64 frame, u64 count);

/* The first page of them with one of the bits of @mask; @frame + @count: none. */
u64 page_state_find(const struct page_states *states, u64 frame, u64 count, u32 mask);

/* Whether they are equal in the bits of @mask. */
bool page_state_equal(const struct page_states *states, u64 frame, u64 count, u32 mask);

/* Whether the whole 2M around @frame, which may be any, is in the store and equal in @mask. */
bool page_state_equal_2m(const struct page_states *states, u64 frame, u32 mask);
