/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See high.h. An entry of the second level, 512 GiB, for each place in which a guest was; there are
 * few, so that it cannot ask for many. None is taken away again, and no TLB has what was absent.
 */
#include "monitor/machine/high.h"

#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/machine/entry.h"

#define REGION_BITS 39
#define GIB_BITS    30
#define REGIONS_MAX 256 /* addresses that are their own with four levels */
#define TABLES_MAX  4
#define ENTRIES     512

static __aligned_page u64 tables[TABLES_MAX][ENTRIES];
static unsigned int used;

static void fill(u64 *table, u64 region)
{
	for (u64 i = 0; i < ENTRIES; i++)
		table[i] = (region << REGION_BITS | i << GIB_BITS) | PTE_P | PTE_W | PTE_PS;
}

bool high_reach(u64 address)
{
	u64 region = address >> REGION_BITS;

	if (region >= REGIONS_MAX)
		return false;
	if (host_pml4[region] & PTE_P)
		return true;
	if (used == TABLES_MAX)
		return false;
	fill(tables[used], region);
	WRITE_ONCE(host_pml4[region], (u64)tables[used++] | PTE_P | PTE_W);
	return true;
}
