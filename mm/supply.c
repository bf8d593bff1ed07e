/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where memory comes from: the first units for what mm itself needs, a heap, the rest to
 * phys_alloc(), a unit whenever it has nothing left.
 */
#include "mm/supply.h"

#include "early/early_pgtable.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/spinlock.h"
#include "mm/accept.h"
#include "mm/heap.h"
#include "mm/image.h"
#include "mm/phys.h"
#include "mm/tables.h"

/* For the tables of the image and of devices, before there are other units. */
#define FIRST_PAGES 16

static struct supply supply;        /* as long as the guest runs: others refer to it */
static struct usable_ranges unused; /* what is left of RAM to hand out */
static struct spinlock supply_lock; /* of where the handing out is */
static u32 unit_range, remnant_next;
static u64 unit_next;

/*
 * What the first units hold:
 *   | pages for phys_alloc() | tables of RAM | accept's bitmap | phys's records and bitmaps |
 * The pages come first, so that a search for one is as long whatever the size of the rest.
 */
static u64 metadata_size(void)
{
	u64 limit = usable_limit(&supply.ram);

	return accept_metadata_size(limit) + phys_metadata_size(limit);
}

/* The early tables map it private. */
static pa_t first_find(u64 size)
{
	for (u32 i = 0; i < supply.ram.count; i++) {
		u64 start = align_up(supply.ram.range[i].start, (u64)PAGE_2M_SIZE);

		if (start + size <= supply.ram.range[i].end &&
		    start + size <= EARLY_PGTABLE_MMIO_START)
			return pa(start);
	}
	panic("mm: no RAM below 3 GiB has %lu MiB in one piece, for page tables", size >> 20);
}

static void first_hand_out(void)
{
	u64 limit = usable_limit(&supply.ram), metadata = supply.tables.end;

	accept_init(&supply.ram, supply.first, pa_ptr(pa(metadata)));
	phys_init(pa_ptr(pa(metadata + accept_metadata_size(limit))), limit);
	phys_add(pa(supply.first.start), supply.tables.start - supply.first.start);
}

const struct supply *supply_init(void)
{
	struct image_part image = image_image();
	u64 tables_size, size, start;

	usable_init(&supply.ram, &boot_info);
	usable_cut(&supply.ram, 0, LOW_MEMORY_END);
	usable_cut(&supply.ram, image.start, image.end);
	tables_size = tables_ram_size(&supply.ram);
	size = align_up(metadata_size() + tables_size + FIRST_PAGES * PAGE_SIZE, (u64)PAGE_2M_SIZE);
	start = first_find(size).value;
	supply.first = (struct usable_range){ start, start + size };
	start += size - metadata_size();
	supply.tables = (struct usable_range){ start - tables_size, start };
	first_hand_out();
	unused = supply.ram;
	usable_cut(&unused, supply.first.start, supply.first.end);
	return &supply;
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

/* The next whole 2M unit. */
static int supply_unit(void)
{
	for (; unit_range < unused.count; unit_range++) {
		const struct usable_range *range = &unused.range[unit_range];
		u64 at = unit_next > units_start(range) ? unit_next : units_start(range);

		if (at >= units_end(range))
			continue;
		accept_range(pa(at), PAGE_2M_SIZE);
		phys_add(pa(at), PAGE_2M_SIZE);
		unit_next = at + PAGE_2M_SIZE;
		return 0;
	}
	return supply_remnant();
}

static int supply_more(void)
{
	int error;

	spin_lock(&supply_lock);
	error = supply_unit();
	spin_unlock(&supply_lock);
	return error;
}

void supply_hand_out(void)
{
	heap_set_aside();
	unit_range = remnant_next = 0;
	unit_next = 0;
	phys_set_refill(supply_more);
}

void supply_accept_all(void)
{
	for (u32 i = 0; i < supply.ram.count; i++) {
		u64 start = units_start(&supply.ram.range[i]),
		    end = units_end(&supply.ram.range[i]);

		accept_range(pa(start), end - start);
	}
}
