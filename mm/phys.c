/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allocator of physical pages: a record for each 2M unit, and for each unit that is not
 * allocated as a whole a bitmap of its 512 pages. A record is written first when its unit is
 * handed over, a bitmap when its unit is split, so that memory that nobody uses costs nothing.
 */
#include "mm/phys.h"

#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/spinlock.h"
#include "lib/string.h"
#include "mm/tables.h"
#include "mm/usable.h"

#define UNIT_PAGES   (PAGE_2M_SIZE / PAGE_SIZE)
#define BITMAP_WORDS (UNIT_PAGES / 64)
#define POISON       0xdf /* what a freed page holds */

enum unit_state {
	UNIT_WHOLE, /* all pages free or all taken; the bitmap is not valid */
	UNIT_SPLIT,
};

struct unit {
	u16 free_count; /* of pages */
	u16 state;
};

/* A set bit is a free page. */
struct unit_bitmap {
	u64 word[BITMAP_WORDS];
};

static struct spinlock phys_lock; /* of all that follows; not held while refilling */
static struct unit *units;
static struct unit_bitmap *bitmaps;
static u64 unit_count;
/* Records from here on were never written. */
static u64 unit_end;
/* No unit below has a free page; none below is free as a whole. */
static u64 first_free, first_whole;
static u64 free_pages;
static phys_refill_t refill_hook;

static u64 units_bytes(u64 limit)
{
	return align_up(usable_units(limit) * sizeof(struct unit), (u64)PAGE_SIZE);
}

u64 phys_metadata_size(u64 limit)
{
	return units_bytes(limit) +
	       align_up(usable_units(limit) * sizeof(struct unit_bitmap), (u64)PAGE_SIZE);
}

void phys_init(void *metadata, u64 limit)
{
	units = metadata;
	bitmaps = (void *)((char *)metadata + units_bytes(limit));
	unit_count = usable_units(limit);
	unit_end = 0;
	first_free = first_whole = unit_count;
	free_pages = 0;
	refill_hook = NULL;
}

void phys_set_refill(phys_refill_t refill) { refill_hook = refill; }

u64 phys_free_bytes(void) { return free_pages * PAGE_SIZE; }

static void bitmap_put(struct unit_bitmap *bitmap, unsigned int first, unsigned int count,
		       bool is_free)
{
	for (unsigned int i = first; i < first + count; i++) {
		u64 bit = BIT(i % 64);

		CHECK(!(bitmap->word[i / 64] & bit) == is_free);
		bitmap->word[i / 64] ^= bit;
	}
}

static bool bitmap_all_free(const struct unit_bitmap *bitmap, unsigned int first,
			    unsigned int count)
{
	for (unsigned int i = first; i < first + count; i++) {
		if (!(bitmap->word[i / 64] & BIT(i % 64)))
			return false;
	}
	return true;
}

static void unit_split(u64 index)
{
	int fill = units[index].free_count ? 0xff : 0;

	if (units[index].state == UNIT_SPLIT)
		return;
	memset(&bitmaps[index], fill, sizeof(bitmaps[index]));
	units[index].state = UNIT_SPLIT;
}

/* Takes or returns pages [first, +count) of a unit. */
static void unit_put(u64 index, unsigned int first, unsigned int count, bool is_free)
{
	struct unit *unit = &units[index];

	if (count == UNIT_PAGES && (unit->state == UNIT_WHOLE || unit->free_count == UNIT_PAGES)) {
		CHECK((unit->free_count == 0) == is_free);
		unit->state = UNIT_WHOLE;
	} else {
		unit_split(index);
		bitmap_put(&bitmaps[index], first, count, is_free);
	}
	unit->free_count = is_free ? unit->free_count + count : unit->free_count - count;
	free_pages = is_free ? free_pages + count : free_pages - count;
	if (is_free && index < first_free)
		first_free = index;
	if (unit->free_count == UNIT_PAGES && index < first_whole)
		first_whole = index;
}

static void units_reach(u64 end)
{
	if (end <= unit_end)
		return;
	memset(&units[unit_end], 0, (end - unit_end) * sizeof(struct unit));
	unit_end = end;
}

void phys_add(pa_t start, u64 size)
{
	u64 page = start.value / PAGE_SIZE;
	u64 end = page + size / PAGE_SIZE;

	CHECK(is_aligned(start.value | size, (u64)PAGE_SIZE));
	spin_lock(&phys_lock);
	CHECK(end <= unit_count * UNIT_PAGES);
	units_reach(align_up(end, UNIT_PAGES) / UNIT_PAGES);
	while (page < end) {
		unsigned int first = page % UNIT_PAGES;
		u64 left = end - page;
		unsigned int count = left < UNIT_PAGES - first ? left : UNIT_PAGES - first;

		unit_put(page / UNIT_PAGES, first, count, true);
		page += count;
	}
	spin_unlock(&phys_lock);
}

/* The first aligned run of @count free pages in a unit, or -E_NOMEM. */
static int unit_find(u64 index, unsigned int count)
{
	if (units[index].free_count == UNIT_PAGES)
		return 0;
	if (units[index].state == UNIT_WHOLE)
		return -E_NOMEM;
	for (unsigned int first = 0; first < UNIT_PAGES; first += count) {
		if (bitmap_all_free(&bitmaps[index], first, count))
			return (int)first;
	}
	return -E_NOMEM;
}

static int alloc_from(u64 index, unsigned int count, pa_t *block)
{
	int first;

	if (units[index].free_count < count)
		return -E_NOMEM;
	first = unit_find(index, count);
	if (first < 0)
		return first;
	unit_put(index, (unsigned int)first, count, false);
	*block = pa(index * PAGE_2M_SIZE + (u64)first * PAGE_SIZE);
	return 0;
}

static int alloc_whole(pa_t *block)
{
	while (first_whole < unit_end && units[first_whole].free_count != UNIT_PAGES)
		first_whole++;
	return first_whole < unit_end ? alloc_from(first_whole, UNIT_PAGES, block) : -E_NOMEM;
}

static int alloc_part(unsigned int count, pa_t *block)
{
	while (first_free < unit_end && !units[first_free].free_count)
		first_free++;
	for (u64 i = first_free; i < unit_end; i++) {
		if (!alloc_from(i, count, block))
			return 0;
	}
	return -E_NOMEM;
}

static int try_alloc(unsigned int order, pa_t *block)
{
	int error;

	spin_lock(&phys_lock);
	error = order == PHYS_ORDER_2M ? alloc_whole(block) : alloc_part(1U << order, block);
	spin_unlock(&phys_lock);
	return error;
}

int phys_alloc(unsigned int order, pa_t *block)
{
	bool is_more = refill_hook;
	int error;

	CHECK(order <= PHYS_ORDER_MAX);
	error = try_alloc(order, block);
	while (error && is_more) {
		is_more = !refill_hook();
		error = try_alloc(order, block); /* the last may have come to another processor */
	}
	return error;
}

void phys_free(pa_t block, unsigned int order)
{
	u64 size = (u64)PAGE_SIZE << order;

	CHECK(order <= PHYS_ORDER_MAX && is_aligned(block.value, size));
	CHECK(tables_are_private(block, size));
	spin_lock(&phys_lock);
	CHECK(block.value / PAGE_2M_SIZE < unit_end);
	unit_put(block.value / PAGE_2M_SIZE, block.value % PAGE_2M_SIZE / PAGE_SIZE, 1U << order,
		 true);
	/* Marks use after free; bigger blocks would cost more than they tell. */
	if (order == PHYS_ORDER_4K)
		memset(pa_ptr(block), POISON, PAGE_SIZE);
	spin_unlock(&phys_lock);
}
