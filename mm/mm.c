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
/* More than this costs more than to fill the TLB anew. */
#define INVLPG_PAGES_MAX 32
#define KIB(bytes)       ((bytes) >> 10)
#define MIB(bytes)       ((bytes) >> 20)

static struct usable_ranges usable; /* as long as the guest runs: accept.c refers to it */
static struct usable_ranges unused; /* what is left of it to hand out */
static struct pgtable pt __ro_after_init;

static int table_page_alloc(pa_t *page) { return phys_alloc(PHYS_ORDER_4K, page); }

/* No entry is global, so that loading CR3 flushes all. */
static void flush(va_t address, u64 size)
{
	if (size > INVLPG_PAGES_MAX * PAGE_SIZE) {
		write_cr3(read_cr3());
		return;
	}
	for (u64 done = 0; done < size; done += PAGE_SIZE)
		invlpg(address.value + done);
}

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

/* EFER.NXE is on already: the early tables have NX too. */
static void switch_tables(void)
{
	u64 cr0 = read_cr0(), cr4 = read_cr4();

	if (!(cr0 & CR0_WP))
		write_cr0(cr0 | CR0_WP);
	if (cr4 & CR4_PGE)
		write_cr4(cr4 & ~(u64)CR4_PGE);
	write_cr3(pgtable_root_value(&pt));
}

static u64 units_start(const struct usable_range *range)
{
	return align_up(range->start, (u64)PAGE_2M_SIZE);
}

/* The end of the last whole 2M unit; units_start() when there is none. */
static u64 units_end(const struct usable_range *range)
{
	u64 start = units_start(range), end = align_down(range->end, (u64)PAGE_2M_SIZE);

	return end > start ? end : start;
}

/* The upper half of the largest range. */
static void heap_set_aside(void)
{
	const struct usable_range *largest = &unused.range[0];
	u64 start, end;

	for (u32 i = 1; i < unused.count; i++) {
		if (unused.range[i].end - unused.range[i].start > largest->end - largest->start)
			largest = &unused.range[i];
	}
	end = units_end(largest);
	start = align_up(units_start(largest) + (end - units_start(largest)) / 2,
			 (u64)PAGE_2M_SIZE);
	if (!unused.count || start >= end)
		panic("mm: no RAM is left for a heap");
	heap_init(pa(start), end - start);
	accept_range(pa(start), end - start);
	usable_cut(&unused, start, end);
}

/*
 * What does not fill a 2M unit takes an exit for each 4K page: it is accepted when all else is
 * gone. Remnant 2i is the beginning of range i, remnant 2i+1 its end.
 */
static int hand_out_remnant(void)
{
	static u32 next;

	while (next < 2 * unused.count) {
		const struct usable_range *range = &unused.range[next / 2];
		bool is_end = next++ % 2;
		u64 start = is_end ? units_end(range) : range->start;
		u64 end = is_end ? range->end : units_start(range);

		if (end > range->end)
			end = range->end;
		if (start >= end)
			continue;
		accept_range(pa(start), end - start);
		phys_add(pa(start), end - start);
		return 0;
	}
	return -E_NOMEM;
}

static void hand_out(void)
{
	for (u32 i = 0; i < unused.count; i++) {
		u64 start = units_start(&unused.range[i]), end = units_end(&unused.range[i]);

		accept_range(pa(start), end - start);
		phys_add(pa(start), end - start);
	}
	phys_set_refill(hand_out_remnant);
}

static void report(void)
{
	struct accept_counts accepted = accept_counts();
	u64 size = usable_size(&usable);

	log_info("memory: %lu MiB, of which %lu MiB for the heap", MIB(size), MIB(heap_size_max()));
	if (accepted.bytes)
		log_info("memory: %lu MiB accepted in %lu units of 2M, %lu KiB when needed",
			 MIB(accepted.bytes), accepted.units_2m, KIB(size - accepted.bytes));
}

void mm_init(void)
{
	struct image_part image = image_image();

	usable_init(&usable, &boot_info);
	usable_cut(&usable, 0, LOW_MEMORY_END);
	usable_cut(&usable, image.start, image.end);
	first_init(); /* the early tables reach its memory */
	build_tables();
	switch_tables();  /* only then is all memory mapped, ... */
	heap_set_aside(); /* ... which accepting needs */
	hand_out();
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
