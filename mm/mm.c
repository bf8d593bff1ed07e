/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the early tables to the final ones. Nothing here takes longer the more memory there is,
 * unless all of it is to be accepted at once.
 */
#include "mm/mm.h"

#include "early/memory_map.h"
#include "lib/log.h"
#include "mm/accept.h"
#include "mm/heap.h"
#include "mm/supply.h"
#include "mm/tables.h"

#define KIB(bytes) ((bytes) >> 10)
#define MIB(bytes) ((bytes) >> 20)

u64 mm_ram_size(void)
{
	u64 size = 0;
	struct memory_claim claim;

	for (u64 from = LOW_MEMORY_END; memory_map_next_claim(from, &claim); from = claim.end)
		if (memory_map_is(claim.start, claim.end - claim.start, MEMORY_RAM))
			size += claim.end - claim.start;
	return size;
}

static void report(void)
{
	struct accept_counts accepted = accept_counts();
	u64 size = mm_ram_size();

	log_info("memory: %lu MiB, of which %lu MiB for the heap", MIB(size), MIB(heap_size_max()));
	if (accepted.bytes)
		log_info("memory: %lu MiB accepted in %lu units of 2M, %lu KiB when needed",
			 MIB(accepted.bytes), accepted.units_2m, KIB(size - accepted.bytes));
}

void mm_init(bool accept_all)
{
	const struct supply *supply = supply_init(); /* page tables need memory first */

	tables_build(supply);
	tables_switch();
	supply_hand_out();
	mm_poke_init(); /* while there is memory */
	if (accept_all)
		supply_accept_all(); /* maps as it goes, in the final tables */
	report();
}
