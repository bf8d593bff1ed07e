/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the early tables to the final ones. Memory is mapped, accepted and handed out in this
 * order, but for the first units, which the early tables map: they hold all metadata and tables.
 */
#include "mm/mm.h"

#include "abi/x86.h"
#include "early/boot_info.h"
#include "early/early_pgtable.h"
#include "early/launch_pages.h"
#include "early/platform.h"
#include "early/stacks.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "mm/accept.h"
#include "mm/heap.h"
#include "mm/image.h"
#include "mm/pgtable.h"
#include "mm/phys.h"
#include "mm/usable.h"
#include "paravirt/shared_pages.h"

#define LOW_MEMORY_END U64_C(0x100000)
#define MIB(bytes)     ((bytes) >> 20)

static struct usable_ranges usable; /* as long as the guest runs: accept.c refers to it */
static struct usable_ranges unused; /* what is left of it to hand out */
static struct pgtable pt __ro_after_init;

static int table_page_alloc(pa_t *page) { return phys_alloc(PHYS_ORDER_4K, page); }

static void flush(va_t address) { invlpg(address.value); }

static const struct pgtable_ops ops = { table_page_alloc, pa_ptr, flush };

struct pgtable *mm_pgtable(void) { return &pt; }

/* For set-up, where nothing may fail. */
static void must(int error)
{
	if (error)
		panic("mm: the page tables cannot be built: error %d", error);
}

static void map(u64 start, u64 end, unsigned int flags)
{
	must(pgtable_map(&pt, va(start), pa(start), end - start, flags));
}

static void protect(struct image_part part, unsigned int flags)
{
	must(pgtable_change(&pt, va(part.start), part.end - part.start, PGTABLE_W | PGTABLE_X,
			    flags));
}

/* The first units of RAM that hold metadata, and tables for all of RAM. */
static u64 first_size(void)
{
	u64 limit = usable_limit(&usable);
	u64 table_count = (limit >> 30) + 2 * usable.count + 16;

	return align_up(accept_metadata_size(limit) + phys_metadata_size(limit) +
				table_count * PAGE_SIZE,
			(u64)PAGE_2M_SIZE);
}

/* The early tables map it private. */
static pa_t first_find(u64 size)
{
	for (u32 i = 0; i < usable.count; i++) {
		u64 start = align_up(usable.range[i].start, (u64)PAGE_2M_SIZE);

		if (start + size <= usable.range[i].end && start + size <= EARLY_PGTABLE_MMIO_START)
			return pa(start);
	}
	panic("mm: no RAM below 3 GiB has %lu MiB in one piece, for page tables", MIB(size));
}

static void first_init(void)
{
	u64 limit = usable_limit(&usable), size = first_size();
	u64 accept_size = accept_metadata_size(limit), phys_size = phys_metadata_size(limit);
	pa_t first = first_find(size);

	accept_init(&usable, first, size);
	phys_init(pa_ptr(pa(first.value + accept_size)), limit);
	phys_add(pa(first.value + accept_size + phys_size), size - accept_size - phys_size);
	unused = usable;
	usable_cut(&unused, first.value, first.value + size);
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

		must(pgtable_find(&early, va(page), &leaf));
		if (pt.private_mask | pt.shared_mask)
			CHECK(!(leaf.flags & PGTABLE_SHARED) == !shared);
		if (shared)
			must(pgtable_change(&pt, va(page), PAGE_SIZE, PGTABLE_SHARED,
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
		must(pgtable_unmap(&pt, va_of(stacks[i].guard), sizeof(stacks[i].guard)));
	map_shared();
}

static void build_tables(void)
{
	pt = (struct pgtable){ .levels = pgtable_x86_64,
			       .ops = &ops,
			       .private_mask = platform.private_mask,
			       .shared_mask = platform.shared_mask };
	must(pgtable_init(&pt));
	for (u32 i = 0; i < usable.count; i++)
		map(usable.range[i].start, usable.range[i].end, PGTABLE_W);
	map_image();
}

/* EFER.NXE is on already: the early tables have NX too. No entry is global: CR3 flushes all. */
static void switch_tables(void)
{
	u64 cr0 = read_cr0(), cr4 = read_cr4();

	if (!(cr0 & CR0_WP))
		write_cr0(cr0 | CR0_WP);
	if (cr4 & CR4_PGE)
		write_cr4(cr4 & ~(u64)CR4_PGE);
	write_cr3(pgtable_root_value(&pt));
}

/* The upper half of the largest range. */
static void heap_set_aside(void)
{
	struct usable_range largest = { 0 };

	for (u32 i = 0; i < unused.count; i++) {
		if (unused.range[i].end - unused.range[i].start > largest.end - largest.start)
			largest = unused.range[i];
	}
	largest.start =
		align_up(largest.start + (largest.end - largest.start) / 2, (u64)PAGE_2M_SIZE);
	if (largest.start >= largest.end)
		panic("mm: no RAM is left for a heap");
	heap_init(pa(largest.start), largest.end - largest.start);
	usable_cut(&unused, largest.start, largest.end);
}

static void accept_and_hand_out(void)
{
	for (u32 i = 0; i < usable.count; i++)
		accept_range(pa(usable.range[i].start),
			     usable.range[i].end - usable.range[i].start);
	for (u32 i = 0; i < unused.count; i++)
		phys_add(pa(unused.range[i].start), unused.range[i].end - unused.range[i].start);
}

static void report(void)
{
	struct accept_counts accepted = accept_counts();

	if (accepted.bytes)
		log_info("memory: %lu MiB accepted in %lu units of 2M and %lu pages of 4K",
			 MIB(accepted.bytes), accepted.units_2m, accepted.pages_4k);
	log_info("memory: %lu MiB, of which %lu MiB for the heap", MIB(usable_size(&usable)),
		 MIB(heap_size_max()));
}

void mm_init(void)
{
	struct image_part image = image_image();

	usable_init(&usable, &boot_info);
	usable_cut(&usable, 0, LOW_MEMORY_END);
	usable_cut(&usable, image.start, image.end);
	first_init(); /* the early tables reach its memory */
	build_tables();
	switch_tables(); /* only then is all memory mapped, ... */
	heap_set_aside();
	accept_and_hand_out(); /* ... which accepting needs */
	report();
}

static bool is_ram(u64 start, u64 end)
{
	struct image_part image = image_image();

	return usable_overlaps(&usable, start, end) || (start < image.end && image.start < end);
}

volatile void *mmio_map(pa_t start, u64 size)
{
	unsigned int flags = PGTABLE_W | PGTABLE_SHARED | PGTABLE_UNCACHED;
	u64 page = align_down(start.value, (u64)PAGE_SIZE);
	u64 end = align_up(start.value + size, (u64)PAGE_SIZE);
	struct pgtable_leaf leaf;

	CHECK(!is_ram(page, end));
	for (; page < end; page += PAGE_SIZE) {
		if (pgtable_find(&pt, va(page), &leaf))
			map(page, page + PAGE_SIZE, flags);
		else
			CHECK(leaf.flags == flags);
	}
	return pa_ptr(start);
}
