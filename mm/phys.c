/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allocator of physical pages: lowest address first.
 */
#include "mm/phys.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/page_states.h"

#define POISON 0xdf /* what a freed page holds */

/* Below page_states_lock(), which is not held while refilling. */
static u64 unit_end; /* no unit from here on was ever handed over */
/* No unit below has a free page; none below is free as a whole. */
static u64 first_free, first_whole;
static u64 free_pages;
static phys_refill_t refill_hook;

void phys_init(void)
{
	unit_end = 0;
	first_free = first_whole = page_states_limit();
	free_pages = 0;
	refill_hook = NULL;
}

void phys_set_refill(phys_refill_t refill) { refill_hook = refill; }

u64 phys_free_bytes(void) { return free_pages * PAGE_SIZE; }

/* [start, +size) has become free. */
static void note_free(u64 start, u64 size)
{
	u64 first = start / PAGE_2M_SIZE, end = units_of(start + size);

	free_pages += size / PAGE_SIZE;
	first_free = first < first_free ? first : first_free;
	for (u64 unit = first; unit < end && unit < first_whole; unit++)
		if (unit_free_pages(unit) == UNIT_PAGES)
			first_whole = unit;
	unit_end = end > unit_end ? end : unit_end;
}

static void must_move(u64 start, u64 size, enum page_state from, enum page_state to,
		      const char *what)
{
	if (page_states_move(start, size, from, to))
		panic("phys: %#lx, %lu KiB, %s: it is %s", start, size >> 10, what,
		      page_states_what(start, size, from));
}

void phys_add(pa_t start, u64 size)
{
	u64 unit = start.value / PAGE_2M_SIZE;

	page_states_lock();
	if (size == PAGE_2M_SIZE && unit_state(unit) == UNIT_ACCEPTED)
		unit_set_state(unit, PAGE_FREE);
	else
		must_move(start.value, size, PAGE_GIVEN, PAGE_FREE, "handed over");
	note_free(start.value, size);
	page_states_unlock();
}

static int alloc_from(u64 unit, unsigned int count, pa_t *block)
{
	u64 start, size = (u64)count * PAGE_SIZE;
	int first;

	if (unit_free_pages(unit) < count)
		return -E_NOMEM;
	first = unit_find_free(unit, count);
	if (first < 0)
		return first;
	start = unit * PAGE_2M_SIZE + (u64)first * PAGE_SIZE;
	must_move(start, size, PAGE_FREE, PAGE_USED, "allocated");
	free_pages -= count;
	*block = pa(start);
	return 0;
}

static int alloc_whole(pa_t *block)
{
	while (first_whole < unit_end && unit_free_pages(first_whole) != UNIT_PAGES)
		first_whole++;
	return first_whole < unit_end ? alloc_from(first_whole, UNIT_PAGES, block) : -E_NOMEM;
}

static int alloc_part(unsigned int count, pa_t *block)
{
	while (first_free < unit_end && !unit_free_pages(first_free))
		first_free++;
	for (u64 unit = first_free; unit < unit_end; unit++) {
		if (!alloc_from(unit, count, block))
			return 0;
	}
	return -E_NOMEM;
}

static int try_alloc(unsigned int order, pa_t *block)
{
	int error;

	page_states_lock();
	error = order == PHYS_ORDER_2M ? alloc_whole(block) : alloc_part(1U << order, block);
	page_states_unlock();
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
	page_states_lock();
	must_move(block.value, size, PAGE_USED, PAGE_FREE, "freed");
	note_free(block.value, size);
	/* Marks use after free; bigger blocks would cost more than they tell. */
	if (order == PHYS_ORDER_4K)
		memset(pa_ptr(block), POISON, PAGE_SIZE);
	page_states_unlock();
}
