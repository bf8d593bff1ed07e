/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See npt.h. The nested tables have as many levels as the monitor's own: hardware walks them in
 * the host's mode. With five, the alias bit 51 is in the index of the top level; with four, bit 47.
 */
#include "monitor/svm/npt.h"

#include "abi/x86.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "monitor/machine/entry.h"
#include "monitor/machine/memory.h"
#include "monitor/svm/vcpu.h"

#define NPT_LEAF  (PTE_P | PTE_U | PTE_A | PTE_D)
#define NPT_TABLE (PTE_P | PTE_W | PTE_U | PTE_A)

/* Tables beyond one for each 2M of memory and view: upper levels, devices. */
#define SPARE_TABLES 256

static u64 *free_tables;          /* were in use, chained by their first entry */
static u64 *stale_tables;         /* the same, but a processor may still be walking them */
static u64 *pool_next, *pool_end; /* tables never used yet, with any content */

static u64 *table_new(void)
{
	u64 *table = free_tables;

	if (table) {
		free_tables = (u64 *)(uintptr_t)table[0];
		table[0] = 0;
		return table;
	}
	if (pool_next == pool_end)
		panic("out of nested page tables");
	table = pool_next;
	pool_next += PTE_COUNT;
	return memset(table, 0, PAGE_SIZE);
}

static void table_free(u64 *table)
{
	u64 **list = guest.cpu_count > 1 ? &stale_tables : &free_tables;

	memset(table, 0, PAGE_SIZE);
	table[0] = (u64)*list; /* page-aligned: not present to a walker */
	*list = table;
}

void npt_flushed(void)
{
	u64 *table;

	while ((table = stale_tables)) {
		stale_tables = (u64 *)(uintptr_t)table[0];
		table[0] = (u64)free_tables;
		free_tables = table;
	}
}

static unsigned int index_at(u64 gpa, unsigned int level)
{
	return (gpa >> (PAGE_SHIFT + 9 * (level - 1))) % PTE_COUNT;
}

static void set_root(const struct npt *npt, u64 *root, unsigned int low, unsigned int high)
{
	root[0] = (u64)npt->views[low] | NPT_TABLE;
	root[index_at(npt->alias_bit, host_levels)] = (u64)npt->views[high] | NPT_TABLE;
	if (npt->ignored_bit)
		root[index_at(npt->ignored_bit, host_levels)] = root[0];
}

void npt_init(struct npt *npt, u64 memory_size)
{
	unsigned int low = npt->alias_is_shared ? NPT_PRIVATE : NPT_SHARED;
	u64 count = NPT_VIEW_COUNT * memory_size / PAGE_2M_SIZE + SPARE_TABLES;

	pool_next = memory_alloc_dirty(count * PAGE_SIZE);
	pool_end = pool_next + count * PTE_COUNT;
	npt->view_level = host_levels;
	npt->roots[false] = npt->roots[true] = npt->views[NPT_SHARED] = table_new();
	if (!npt->alias_bit)
		return;
	npt->view_level--;
	npt->roots[true] = table_new();
	for (unsigned int i = 0; i < NPT_VIEW_COUNT; i++)
		npt->views[i] = table_new();
	set_root(npt, npt->roots[false], low, 1 - low);
	set_root(npt, npt->roots[true], NPT_PRIVATE, NPT_PRIVATE);
}

u64 npt_root(const struct npt *npt, bool always_private) { return (u64)npt->roots[always_private]; }

void npt_map(struct npt *npt, enum npt_view view, u64 gpa, u64 host, u64 size, bool write,
	     bool execute)
{
	unsigned int leaf_level = size == PAGE_2M_SIZE ? 2 : 1;
	u64 *table = npt->views[view], *replaced = NULL;
	u64 *entry;

	for (unsigned int level = npt->view_level;; level--) {
		entry = &table[index_at(gpa, level)];
		if (level == leaf_level)
			break;
		if (!*entry || *entry & PTE_PS) {
			npt->generation += *entry != 0;
			*entry = (u64)table_new() | NPT_TABLE;
		}
		table = (u64 *)(*entry & PTE_ADDR_MASK);
	}
	if (leaf_level == 2 && *entry && !(*entry & PTE_PS))
		replaced = (u64 *)(*entry & PTE_ADDR_MASK);
	*entry = align_down(host, size) | NPT_LEAF | (write ? PTE_W : 0) | (execute ? 0 : PTE_NX) |
		 (leaf_level == 2 ? PTE_PS : 0);
	if (!replaced)
		return;
	table_free(replaced);
	npt->generation++;
}

/* The entry that maps @gpa or ends the walk to it; its level in @level. */
static u64 *find(const struct npt *npt, enum npt_view view, u64 gpa, unsigned int *level)
{
	u64 *table = npt->views[view];

	for (*level = npt->view_level;; --*level) {
		u64 *entry = &table[index_at(gpa, *level)];

		if (*level == 1 || !*entry || *entry & PTE_PS)
			return entry;
		table = (u64 *)(*entry & PTE_ADDR_MASK);
	}
}

void npt_unmap_shared(struct npt *npt, u64 gpa)
{
	unsigned int level;
	u64 *entry = find(npt, NPT_SHARED, gpa, &level);

	if (level > 1)
		return;
	npt->generation += *entry != 0;
	*entry = 0;
}

void npt_unmap(struct npt *npt, u64 gpa, u64 size)
{
	for (unsigned int view = 0; view < NPT_VIEW_COUNT && npt->views[view]; view++) {
		for (u64 p = gpa; p < gpa + size;) {
			unsigned int level;
			u64 *entry = find(npt, view, p, &level);
			u64 step = U64_C(1) << (PAGE_SHIFT + 9 * (level - 1));

			npt->generation += *entry != 0;
			*entry = 0;
			p = align_down(p, step) + step;
		}
	}
}
