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
/* What one exit may need of them before the others leave the guest, and stale ones are free. */
#define RESERVED_TABLES 16

static u64 *free_tables;  /* were in use, chained by their first entry */
static u64 *stale_tables; /* the same, but a processor may still be walking them */
static u64 *pool_next;    /* tables never used yet, with any content */
static u64 table_count;   /* free, or never used */
static u64 last;          /* generation, of any space */
static u64 urgent;        /* see npt_urgent() */

static u64 *table_new(void)
{
	u64 *table = free_tables;

	if (!table_count--)
		panic("out of nested page tables");
	if (table) {
		free_tables = (u64 *)(uintptr_t)table[0];
		table[0] = 0;
		return table;
	}
	table = pool_next;
	pool_next += PTE_COUNT;
	return memset(table, 0, PAGE_SIZE);
}

static __cold void table_free(u64 *table)
{
	bool stale = guest.cpu_count > 1;
	u64 **list = stale ? &stale_tables : &free_tables;

	memset(table, 0, PAGE_SIZE);
	table[0] = (u64)*list; /* page-aligned: not present to a walker */
	*list = table;
	table_count += !stale;
}

void npt_flushed(void)
{
	u64 *table;

	while ((table = stale_tables)) {
		stale_tables = (u64 *)(uintptr_t)table[0];
		table[0] = (u64)free_tables;
		free_tables = table;
		table_count++;
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

void npt_init_tables(u64 memory_size)
{
	u64 count = NPT_VIEW_COUNT * memory_size / PAGE_2M_SIZE + SPARE_TABLES;

	pool_next = memory_alloc_dirty(count * PAGE_SIZE);
	table_count = count;
}

void npt_init(struct npt *npt)
{
	unsigned int low = npt->alias_is_shared ? NPT_PRIVATE : NPT_SHARED;

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

static u64 *table_of(u64 entry) { return (u64 *)(entry & PTE_ADDR_MASK); }

static bool is_table(u64 entry) { return entry && !(entry & PTE_PS); }

/* A processor may walk here at any time: what an entry points to is complete before it is seen. */
static void set(struct npt *npt, u64 *entry, u64 value)
{
	if (*entry && *entry != value)
		npt->generation = ++last;
	__atomic_store_n(entry, value, __ATOMIC_RELEASE);
}

static void make_urgent(const struct npt *npt)
{
	if (urgent < npt->generation)
		urgent = npt->generation;
}

u64 npt_generation(void) { return last; }

u64 npt_urgent(void) { return urgent; }

/* Empties @table, whose entries are of @level, and frees what is below it. */
static void drop_below(u64 *table, unsigned int level)
{
	for (unsigned int i = 0; i < PTE_COUNT; i++) {
		if (is_table(table[i])) {
			if (level > 2)
				drop_below(table_of(table[i]), level - 1);
			table_free(table_of(table[i]));
		}
		table[i] = 0;
	}
}

static void note_change_of_all(struct npt *npt)
{
	npt_note_change(npt, 0, NPT_UNITS * PAGE_2M_SIZE);
}

/*
 * The guest touches addresses far apart, more than there are tables for: it starts again with none,
 * as KVM zaps its oldest.
 */
__cold void npt_drop(struct npt *npt)
{
	note_change_of_all(npt);
	for (unsigned int view = 0; view < NPT_VIEW_COUNT && npt->views[view]; view++)
		drop_below(npt->views[view], npt->view_level);
	urgent = npt->generation = ++last;
}

bool npt_is_short(void) { return table_count <= 2 * RESERVED_TABLES; }

/* The 2M leaf in @entry becomes a table of the same mappings. False: there is none to spare. */
static __cold bool split(struct npt *npt, u64 *entry)
{
	u64 leaf = *entry & ~(u64)PTE_PS, *table;

	if (table_count <= RESERVED_TABLES)
		return false;
	table = table_new();
#pragma clang loop unroll_count(8)
	for (unsigned int i = 0; i < PTE_COUNT; i++)
		table[i] = leaf + i * PAGE_SIZE;
	set(npt, entry, (u64)table | NPT_TABLE);
	return true;
}

void npt_map(struct npt *npt, enum npt_view view, u64 gpa, u64 host, u64 size, bool write,
	     bool execute)
{
	/* A firmware image's pages are where the monitor had room for them. */
	unsigned int leaf_level = size == PAGE_2M_SIZE && is_aligned(host, PAGE_2M_SIZE) ? 2 : 1;
	u64 flags = NPT_LEAF | (write ? PTE_W : 0) | (execute ? 0 : PTE_NX);
	u64 *table = npt->views[view], *entry, old, before = npt->generation;

	if (table_count <= RESERVED_TABLES)
		npt_drop(npt);
	for (unsigned int level = npt->view_level;; level--) {
		entry = &table[index_at(gpa, level)];
		if (level == leaf_level)
			break;
		if (!is_table(*entry) && !(*entry && split(npt, entry)))
			set(npt, entry, (u64)table_new() | NPT_TABLE);
		table = table_of(*entry);
	}
	old = *entry;
	if (leaf_level == 2)
		set(npt, entry, host | flags | PTE_PS);
	for (u64 at = 0; leaf_level == 1 && at < size; at += PAGE_SIZE)
		set(npt, entry++, (host + at) | flags);
	if (leaf_level == 2 && is_table(old))
		table_free(table_of(old)); /* of the same pages, or unmapped before */
	else if (npt->generation != before)
		make_urgent(npt);
}

/* The entry of @leaf_level for @gpa, or one above it that ends the walk; its level in @level. */
static u64 *find(const struct npt *npt, enum npt_view view, u64 gpa, unsigned int leaf_level,
		 unsigned int *level)
{
	unsigned int at = npt->view_level;
	u64 *entry = &npt->views[view][index_at(gpa, at)];

	while (at > leaf_level && is_table(*entry))
		entry = &table_of(*entry)[index_at(gpa, --at)];
	*level = at;
	return entry;
}

void npt_unmap_shared(struct npt *npt, u64 gpa)
{
	unsigned int level;
	u64 *entry = find(npt, NPT_SHARED, gpa, 1, &level);

	npt_note_change(npt, gpa, PAGE_SIZE);
	if (level == 1)
		set(npt, entry, 0);
}

/* Of one view, as much of [gpa, gpa + size) as one table has. Returns where that ends. */
static u64 unmap_some(struct npt *npt, enum npt_view view, u64 gpa, u64 size)
{
	bool whole = is_aligned(gpa, PAGE_2M_SIZE) && size >= PAGE_2M_SIZE;
	unsigned int level;
	u64 *entry = find(npt, view, gpa, whole ? 2 : 1, &level);
	u64 old = *entry, step = U64_C(1) << (PAGE_SHIFT + 9 * (level - 1));
	u64 next = align_down(gpa, PAGE_2M_SIZE) + PAGE_2M_SIZE, end = gpa + size;

	if (level == 1) {
		for (end = end < next ? end : next; gpa < end; gpa += PAGE_SIZE, entry++)
			if (*entry)
				set(npt, entry, 0);
		return end;
	}
	if (old & PTE_PS && !whole && split(npt, entry))
		return gpa;
	if (old)
		set(npt, entry, 0);
	if (is_table(old))
		table_free(table_of(old));
	return align_down(gpa, step) + step;
}

void npt_unmap_lazily(struct npt *npt, u64 gpa, u64 size)
{
	npt_note_change(npt, gpa, size);
	for (unsigned int view = 0; view < NPT_VIEW_COUNT && npt->views[view]; view++)
		for (u64 p = gpa; p < gpa + size;)
			p = unmap_some(npt, view, p, gpa + size - p);
}

/* What was unmapped lazily before may be all that is to be unmapped now. */
void npt_unmap(struct npt *npt, u64 gpa, u64 size)
{
	npt_unmap_lazily(npt, gpa, size);
	make_urgent(npt);
}

bool npt_find(const struct npt *npt, enum npt_view view, u64 gpa, bool write, u64 *host)
{
	unsigned int level;
	u64 entry = *find(npt, view, gpa, 1, &level);

	if (!(entry & PTE_P) || level > 2 || (write && !(entry & PTE_W)))
		return false;
	*host = (entry & PTE_ADDR_MASK) + (level == 2 ? gpa % PAGE_2M_SIZE : gpa % PAGE_SIZE);
	return true;
}

static bool visit_below(u64 *table, unsigned int level, u64 gpa, npt_visit_t visit, void *context)
{
	u64 step = U64_C(1) << (PAGE_SHIFT + 9 * (level - 1));
	bool cleared = false;

	if (level == 1)
		return visit(context, gpa, table, PTE_COUNT);
	for (unsigned int i = 0; i < PTE_COUNT; i++, gpa += step) {
		if (table[i] && !is_table(table[i]))
			cleared |= visit(context, gpa, &table[i], 1);
		if (is_table(table[i])) /* now: the visitor may have taken a page out of a 2M */
			cleared |= visit_below(table_of(table[i]), level - 1, gpa, visit, context);
	}
	return cleared;
}

void npt_visit(struct npt *npt, npt_visit_t visit, void *context)
{
	note_change_of_all(npt);
	for (unsigned int view = 0; view < NPT_VIEW_COUNT && npt->views[view]; view++)
		if (visit_below(npt->views[view], npt->view_level, 0, visit, context))
			urgent = npt->generation = ++last;
}
