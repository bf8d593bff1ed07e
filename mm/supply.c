/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where memory comes from: the first units for what mm itself needs, a heap, the rest to
 * phys_alloc().
 */
#include "mm/supply.h"

#include "early/early_pgtable.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "mm/accept.h"
#include "mm/heap.h"
#include "mm/image.h"
#include "mm/phys.h"

#define LOW_MEMORY_END U64_C(0x100000)

static struct usable_ranges usable; /* as long as the guest runs: others refer to it */
static struct usable_ranges unused; /* what is left of it to hand out */
static u32 remnant_next;

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
	panic("mm: no RAM below 3 GiB has %lu MiB in one piece, for page tables", size >> 20);
}

const struct usable_ranges *supply_init(void)
{
	struct image_part image = image_image();
	u64 accept_size, phys_size, size;
	pa_t first;

	usable_init(&usable, &boot_info);
	usable_cut(&usable, 0, LOW_MEMORY_END);
	usable_cut(&usable, image.start, image.end);
	size = first_size();
	first = first_find(size);
	accept_size = accept_metadata_size(usable_limit(&usable));
	phys_size = phys_metadata_size(usable_limit(&usable));

	accept_init(&usable, first, size);
	phys_init(pa_ptr(pa(first.value + accept_size)), usable_limit(&usable));
	phys_add(pa(first.value + accept_size + phys_size), size - accept_size - phys_size);
	unused = usable;
	usable_cut(&unused, first.value, first.value + size);
	return &usable;
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
static int supply_remnant(void)
{
	while (remnant_next < 2 * unused.count) {
		const struct usable_range *range = &unused.range[remnant_next / 2];
		bool is_end = remnant_next++ % 2;
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

void supply_hand_out(void)
{
	heap_set_aside();
	for (u32 i = 0; i < unused.count; i++) {
		u64 start = units_start(&unused.range[i]), end = units_end(&unused.range[i]);

		accept_range(pa(start), end - start);
		phys_add(pa(start), end - start);
	}
	phys_set_refill(supply_remnant);
}
