/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The final page tables, for mm_init(); mm/mm.h has the picture of what they map.
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"
#include "mm/pgtable.h"
#include "mm/supply.h"

/*
 * Memory for all tables that map RAM, which ends at @limit, none of it touched before it is needed:
 * a PDP for each 512 GiB, a PD for each GiB, a PT for each end of a range inside of a 2M unit.
 */
static inline u64 tables_ram_size(u64 limit)
{
	return ((limit >> 39) + 1 + (limit >> 30) + 1 + 2 * ((u64)memory_map.count + 1)) *
	       PAGE_SIZE;
}

/* Maps the image and @supply's first units. @supply stays where it is. */
void tables_build(const struct supply *supply);
/* Loads them, with CR0.WP. */
void tables_switch(void);
/*
 * The final tables, for one processor at a time. -E_NOMEM, and not locked, when the page tables
 * that a change may need cannot be had: they are set aside before, since phys_alloc() may have to
 * change the tables itself.
 */
int must_check tables_lock(void);
/*
 * For what takes back: never refused. Without memory there are fewer page tables or none, which is
 * enough for a range that one change before was of; another then gets -E_NOMEM.
 */
void tables_lock_to_undo(void);
void tables_unlock(void);

/* What else flushes TLBs, of every other processor, before a change counts as done. */
typedef void (*tables_shootdown_t)(va_t address, u64 size);
void tables_set_shootdown(tables_shootdown_t shootdown);
/* The flush of this processor alone. */
void tables_flush(va_t address, u64 size);

/* The tables, with a flush of this processor alone: for what no other one ever looks at. */
struct pgtable tables_local(void);

/* Unmaps one page of RAM for good: a guard. 0 or -E_NOMEM. */
int must_check tables_unmap_page(va_t page);
/*
 * Maps a page that mm does not hand out, private RW NX, or unmaps it. Whoever wants it has claimed
 * it before: 0, -E_INVAL where nobody has, or it is mm's, -E_BUSY where something is mapped
 * already, or -E_NOMEM; the last two not for a page that is unmapped after it was mapped.
 */
int must_check tables_map_page(pa_t page, bool is_mapped);

/*
 * Maps whole pages of RAM, as they are accepted. Its tables are set aside: to ask phys_alloc() for
 * them, which may be what has no memory left and wants this RAM, would not end.
 */
void tables_map_ram(u64 start, u64 end);
