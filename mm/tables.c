/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The final tables: what is mapped where, and how it is protected.
 */
#include "mm/tables.h"

#include "abi/x86.h"
#include "early/launch_pages.h"
#include "early/platform.h"
#include "early/stacks.h"
#include "lib/cpu.h"
#include "lib/panic.h"
#include "lib/spinlock.h"
#include "mm/image.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/phys.h"
#include "paravirt/shared_pages.h"

/* More than this costs more than to fill the TLB anew. */
#define INVLPG_PAGES_MAX 32

static struct pgtable pt __ro_after_init;
static const struct supply *supply __ro_after_init;
static u64 ram_table_next; /* of supply->tables */

/* More than any one change takes: two splits, or the levels above one page. */
#define SPARE_TABLES 4

static struct spinlock lock;
static pa_t spare_tables[SPARE_TABLES];
static unsigned int spare_count;

static int table_page_alloc(pa_t *page)
{
	if (!spare_count)
		return phys_alloc(PHYS_ORDER_4K, page); /* boot: there is one processor */
	*page = spare_tables[--spare_count];
	return 0;
}

int tables_lock(void)
{
	for (;;) {
		pa_t page;
		int error;

		spin_lock(&lock);
		if (spare_count == SPARE_TABLES)
			return 0;
		spin_unlock(&lock);
		error = phys_alloc(PHYS_ORDER_4K, &page);
		if (error)
			return error;
		spin_lock(&lock);
		if (spare_count < SPARE_TABLES) {
			spare_tables[spare_count++] = page;
			page = pa(0);
		}
		spin_unlock(&lock);
		if (page.value)
			phys_free(page, PHYS_ORDER_4K);
	}
}

void tables_unlock(void) { spin_unlock(&lock); }

static int ram_table_alloc(pa_t *page)
{
	if (ram_table_next == supply->tables.end)
		return -E_NOMEM;
	*page = pa(ram_table_next);
	ram_table_next += PAGE_SIZE;
	return 0;
}

/* No entry is global, so that loading CR3 flushes all. */
void tables_flush(va_t address, u64 size)
{
	if (size > INVLPG_PAGES_MAX * PAGE_SIZE) {
		write_cr3(read_cr3());
		return;
	}
	for (u64 done = 0; done < size; done += PAGE_SIZE)
		invlpg(address.value + done);
}

static tables_shootdown_t shootdown_hook;

void tables_set_shootdown(tables_shootdown_t shootdown) { shootdown_hook = shootdown; }

/* The others last: no interrupt of theirs needs to wait for our own. */
static void flush(va_t address, u64 size)
{
	tables_flush(address, size);
	if (shootdown_hook)
		shootdown_hook(address, size);
}

static const struct pgtable_ops ops = { table_page_alloc, pa_ptr, flush };
static const struct pgtable_ops ram_ops = { ram_table_alloc, pa_ptr, flush };

static const struct pgtable_ops local_ops = { table_page_alloc, pa_ptr, tables_flush };

struct pgtable *mm_pgtable(void) { return &pt; }

struct pgtable tables_local(void)
{
	struct pgtable local = pt;

	local.ops = &local_ops;
	return local;
}

static void map(u64 start, u64 end, unsigned int flags)
{
	pgtable_must(pgtable_map(&pt, va(start), pa(start), end - start, flags));
}

void tables_map_ram(u64 start, u64 end)
{
	struct pgtable with_ram_tables = pt;

	with_ram_tables.ops = &ram_ops;
	spin_lock(&lock);
	pgtable_must(pgtable_map(&with_ram_tables, va(start), pa(start), end - start, PGTABLE_W));
	spin_unlock(&lock);
}

static bool is_private(u64 address, u64 end)
{
	struct pgtable_leaf leaf;

	while (address < end) {
		if (pgtable_find(&pt, va(address), &leaf) || leaf.flags & PGTABLE_SHARED)
			return false;
		address = leaf.address.value + leaf.size;
	}
	return true;
}

bool tables_are_private(pa_t start, u64 size)
{
	bool private;

	spin_lock(&lock);
	private = is_private(start.value, start.value + size);
	spin_unlock(&lock);
	return private;
}

int tables_unmap_page(va_t page)
{
	int error = tables_lock();

	if (error)
		return error;
	pgtable_must(pgtable_unmap(&pt, page, PAGE_SIZE));
	tables_unlock();
	return 0;
}

static void protect(struct image_part part, unsigned int flags)
{
	pgtable_must(pgtable_change(&pt, va(part.start), part.end - part.start,
				    PGTABLE_W | PGTABLE_X, flags));
}

/* The pages that were shared before, and no other: the record and the early tables agree. */
static void map_shared(void)
{
	struct pgtable early = pt;
	struct image_part part = image_shared();

	early.root = pa(read_cr3() & PTE_ADDR_MASK & ~pt.private_mask);
	for (u64 page = part.start; page < part.end; page += PAGE_SIZE) {
		bool shared = shared_pages_has(pa(page));
		struct pgtable_leaf leaf;

		pgtable_must(pgtable_find(&early, va(page), &leaf));
		if (pt.private_mask | pt.shared_mask)
			CHECK(!(leaf.flags & PGTABLE_SHARED) == !shared);
		if (shared)
			pgtable_must(pgtable_change(&pt, va(page), PAGE_SIZE, PGTABLE_SHARED,
						    PGTABLE_SHARED));
	}
}

static void map_image(void)
{
	struct image_part image = image_image();
	u64 cpuid_page = va_of(&launch_cpuid_page).value;

	map(image.start, image.end, PGTABLE_W);
	protect(image_text(), PGTABLE_X);
	protect(image_rodata(), 0);
	protect((struct image_part){ cpuid_page, cpuid_page + PAGE_SIZE }, 0);
	for (u32 i = 0; i < STACK_COUNT; i++)
		pgtable_must(pgtable_unmap(&pt, va_of(stacks[i].guard), sizeof(stacks[i].guard)));
	map_shared();
}

void tables_build(const struct supply *from)
{
	supply = from;
	ram_table_next = supply->tables.start;
	pt = (struct pgtable){ .levels = pgtable_x86_64,
			       .ops = &ops,
			       .private_mask = platform.private_mask,
			       .shared_mask = platform.shared_mask };
	pgtable_must(pgtable_init(&pt));
	tables_map_ram(supply->first.start, supply->first.end);
	map_image();
}

/* EFER.NXE is on already: the early tables have NX too. */
void tables_switch(void)
{
	u64 cr0 = read_cr0(), cr4 = read_cr4();

	if (!(cr0 & CR0_WP))
		write_cr0(cr0 | CR0_WP);
	if (cr4 & CR4_PGE)
		write_cr4(cr4 & ~(u64)CR4_PGE);
	write_cr3(pgtable_root_value(&pt));
}

static bool is_ram(u64 start, u64 end)
{
	struct image_part image = image_image();

	return usable_overlaps(&supply->ram, start, end) ||
	       (start < image.end && image.start < end);
}

int tables_map_page(pa_t page, bool is_mapped)
{
	struct pgtable_leaf leaf;
	int error;

	if (is_ram(page.value, page.value + PAGE_SIZE))
		return -E_INVAL;
	error = tables_lock();
	if (error)
		return error;
	if (!is_mapped)
		pgtable_must(pgtable_unmap(&pt, pa_to_va(page), PAGE_SIZE));
	else if (pgtable_find(&pt, pa_to_va(page), &leaf))
		map(page.value, page.value + PAGE_SIZE, PGTABLE_W);
	else
		error = -E_BUSY;
	tables_unlock();
	return error;
}

volatile void *mmio_map(pa_t start, u64 size)
{
	unsigned int flags = PGTABLE_W | PGTABLE_SHARED | PGTABLE_UNCACHED;
	u64 page = align_down(start.value, (u64)PAGE_SIZE);
	u64 end = align_up(start.value + size, (u64)PAGE_SIZE);
	struct pgtable_leaf leaf;

	CHECK(!is_ram(page, end));
	for (; page < end; page += PAGE_SIZE) {
		pgtable_must(tables_lock());
		if (pgtable_find(&pt, va(page), &leaf))
			map(page, page + PAGE_SIZE, flags);
		else
			CHECK(leaf.flags == flags);
		tables_unlock();
	}
	return pa_ptr(start);
}
