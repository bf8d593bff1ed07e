/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nested page tables. A guest-physical address is the machine's; what differs is the view:
 *
 *   root of a paged SNP guest     [0] shared view, [C-bit] private view
 *   root of a TD                  [0] private view, [SHARED] shared view
 *   root of either, unpaged       private view: without paging there is no such bit
 *   root of a plain guest         one view
 *
 * Mappings are made when the guest faults on them and dropped when a page's state changes; all of
 * them, if there are no tables left.
 */
#pragma once

#include "abi/bits.h"

enum npt_view {
	NPT_SHARED, /* the only view of a plain guest */
	NPT_PRIVATE,
	NPT_VIEW_COUNT,
};

/* 2M units whose changes are told apart; those a GiB apart are not. */
#define NPT_UNITS 512

/* A generation that never is. */
#define NPT_SEEN_NONE ~U64_C(0)

/* A guest-physical address space. Who is in it is in one of its roots and has its ASID. */
struct npt {
	u64 alias_bit;        /* of its addresses: C-bit or SHARED; 0: neither */
	bool alias_is_shared; /* what the alias bit names when it is set */
	u64 ignored_bit;      /* of them too: ignored, for a test; else 0 */
	u32 asid;
	u64 *roots[2]; /* by always_private */
	u64 *views[NPT_VIEW_COUNT];
	unsigned int view_level; /* of the tables in views[] */
	/* Grows with each change of a page's state: npt_unmap() is told of all. */
	u64 changes;
	u64 changed[NPT_UNITS]; /* ... and what it was at the last one in each 2M */
	/* Grows when something is unmapped: who entered before has a stale TLB. */
	u64 generation;
};

/* Before any other: room for the tables of all spaces, for @memory_size bytes of memory. */
void npt_init_tables(u64 memory_size);
/* Makes roots and views of one whose bits are set. */
void npt_init(struct npt *npt);
/* Drops all of its mappings. */
void npt_drop(struct npt *npt);
/* So few tables are left that the next mapping may drop all others of its space. */
bool npt_is_short(void);

/* Whether a view can map @gpa, without alias bit: beyond, its tables would say it of another. */
static inline bool npt_reaches(const struct npt *npt, u64 gpa)
{
	return !(gpa >> (PAGE_SHIFT + 9 * npt->view_level));
}

/*
 * Whether the state of the page at @address may have changed since npt->changes was @since. Alias
 * bits are above what tells units apart.
 */
static inline bool npt_changed_since(const struct npt *npt, u64 address, u64 since)
{
	return npt->changed[address / PAGE_2M_SIZE % NPT_UNITS] > since;
}

/* The states of pages in [gpa, gpa + size) change. */
static inline void npt_note_change(struct npt *npt, u64 gpa, u64 size)
{
	u64 unit = gpa / PAGE_2M_SIZE, end = (gpa + size + PAGE_2M_SIZE - 1) / PAGE_2M_SIZE;

	npt->changes++;
	if (end - unit > NPT_UNITS)
		end = unit + NPT_UNITS;
	for (; unit < end; unit++)
		npt->changed[unit % NPT_UNITS] = npt->changes;
}

/* The root for the VMCB. */
static inline u64 npt_root(const struct npt *npt, bool always_private)
{
	return (u64)npt->roots[always_private];
}

/*
 * Maps [gpa, gpa + size) to the machine's memory at @host, all aligned: a 2M, or pages within one.
 * @execute: else NX.
 */
void npt_map(struct npt *npt, enum npt_view view, u64 gpa, u64 host, u64 size, bool write,
	     bool execute);
/* Drops those of the shared view alone, 4K ones, as npt_unmap_lazily() does. */
void npt_unmap_shared(struct npt *npt, u64 gpa);
/*
 * Drops mappings of [gpa, gpa + size) in all views. What is left of a 2M one stays, as 4K ones: a
 * guest that shares a page goes on with its neighbours as if nothing had been.
 * Also called where none can be there: whoever keeps what a page's state was asks
 * npt_changed_since().
 */
void npt_unmap(struct npt *npt, u64 gpa, u64 size);
/*
 * The same, but other processors that are in the guest may go on with what they have in their TLBs
 * until they come out of it: where a processor would not know of it sooner either.
 */
void npt_unmap_lazily(struct npt *npt, u64 gpa, u64 size);
/* Where a 4K page of one view is mapped to, so that it can be written where @write. */
bool npt_find(const struct npt *npt, enum npt_view view, u64 gpa, bool write, u64 *host);
/*
 * Shows @visit each entry that maps 2M, and each table of 512 that map 4K: @count entries from @gpa
 * on, which it may clear (then it returns true). It may also unmap pages: the table that a 2M
 * becomes by that is shown too.
 */
typedef bool (*npt_visit_t)(void *context, u64 gpa, u64 *entries, unsigned int count);
void npt_visit(struct npt *npt, npt_visit_t visit, void *context);
/* The last generation of any space; and that which nobody may be in a guest from before of. */
u64 npt_generation(void);
u64 npt_urgent(void);
/* No processor has a translation from before, of any space: tables out of use can be reused. */
void npt_flushed(void);
