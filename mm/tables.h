/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The final page tables, for mm_init(); mm/mm.h has the picture of what they map.
 */
#pragma once

#include "mm/supply.h"
#include "mm/usable.h"

/*
 * Memory for all tables that map @ram, none of it touched before it is needed: a PDP for each
 * 512 GiB, a PD for each GiB, a PT for each end of a range inside of a 2M unit.
 */
static inline u64 tables_ram_size(const struct usable_ranges *ram)
{
	u64 limit = usable_limit(ram);

	return ((limit >> 39) + 1 + (limit >> 30) + 1 + 2 * (u64)ram->count) * PAGE_SIZE;
}

/* Maps the image and @supply's first units. @supply stays where it is. */
void tables_build(const struct supply *supply);
/* Loads them, with CR0.WP. */
void tables_switch(void);
/*
 * Maps whole pages of RAM, as they are accepted. Its tables are set aside: to ask phys_alloc() for
 * them, which may be what has no memory left and wants this RAM, would not end.
 */
void tables_map_ram(u64 start, u64 end);
