/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page is in one state, and leaves it by no step but the one that names it: against an array with
 * an entry a page, for ranges of any size; a refused step moves nothing. The store writes no pages'
 * bits of a unit whose pages are all alike.
 * RUN: %unit-cc %s -o %t
 */
#include <string.h>

#include "../../mm/page_states.c"
#include "Inputs/mm-fake.h"

#define UNITS 6
#define PAGES (UNITS * UNIT_PAGES)

static unsigned char *metadata;
static enum page_state model[PAGES];
static u64 seed = 1;

static u64 random_below(u64 limit)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % limit;
}

static void start(u64 unit_number)
{
	u64 size = page_states_size(unit_number * PAGE_2M_SIZE);

	free(metadata);
	metadata = aligned_alloc(PAGE_SIZE, size);
	memset(metadata, 0xa5, size);
	page_states_init(metadata, unit_number * PAGE_2M_SIZE);
	memset(model, 0, sizeof(model));
}

static bool model_is(u64 first, u64 count, enum page_state state)
{
	for (u64 i = first; i < first + count; i++)
		if (model[i] != state)
			return false;
	return true;
}

static void expect_model(void)
{
	for (u64 unit = 0; unit < UNITS; unit++) {
		unsigned int free_count = 0;

		for (u64 i = unit * UNIT_PAGES; i < (unit + 1) * UNIT_PAGES; i++) {
			free_count += model[i] == PAGE_FREE;
			for (unsigned int s = PAGE_GIVEN; s <= PAGE_SHARED; s++)
				assert(are_in(i * PAGE_SIZE, (i + 1) * PAGE_SIZE,
					      (enum page_state)s) == (model[i] == s));
		}
		assert(unit_free_pages(unit) == free_count);
	}
}

/* Sizes from a page to three units; the state that is asked for is mostly one that is there. */
static void move_some(void)
{
	static const u64 sizes[] = { 1, 3, 32, 33, 64, 200, UNIT_PAGES, 3 * UNIT_PAGES };
	u64 count = sizes[random_below(array_count(sizes))];
	u64 first = random_below(PAGES - count + 1);
	enum page_state from, to = (enum page_state)random_below(4);
	int error;

	if (random_below(2))
		first = align_down(first, count < UNIT_PAGES ? 32ULL : UNIT_PAGES);
	from = random_below(8) ? model[first] : (enum page_state)random_below(4);
	error = page_states_move(first * PAGE_SIZE, count * PAGE_SIZE, from, to);
	assert(error == (model_is(first, count, from) ? 0 : -E_INVAL));
	for (u64 i = first; !error && i < first + count; i++)
		model[i] = to;
}

static int model_find(u64 unit, unsigned int count)
{
	for (unsigned int first = 0; first < UNIT_PAGES; first += count)
		if (model_is(unit * UNIT_PAGES + first, count, PAGE_FREE))
			return (int)first;
	return -E_NOMEM;
}

static void test_random(void)
{
	start(UNITS);
	for (int i = 0; i < 20000; i++) {
		move_some();
		if (i % 1000 == 0)
			expect_model();
		assert(unit_find_free(i % UNITS, 1U << i % 10) ==
		       model_find(i % UNITS, 1U << i % 10));
	}
	expect_model();
}

static void test_refusals(void)
{
	start(2);
	assert(page_states_move(PAGE_SIZE, PAGE_SIZE, PAGE_USED, PAGE_SHARED) == -E_INVAL);
	assert(!page_states_move(PAGE_SIZE, PAGE_SIZE, PAGE_GIVEN, PAGE_USED));
	assert(!page_states_move(PAGE_SIZE, PAGE_SIZE, PAGE_USED, PAGE_SHARED));
	/* No free of a shared page, nor of one that was never handed out; no end behind all. */
	assert(page_states_move(PAGE_SIZE, PAGE_SIZE, PAGE_USED, PAGE_FREE) == -E_INVAL);
	assert(page_states_move(0, PAGE_SIZE, PAGE_FREE, PAGE_USED) == -E_INVAL);
	assert(page_states_move(0, 3 * PAGE_2M_SIZE, PAGE_GIVEN, PAGE_USED) == -E_INVAL);
	assert(page_states_move(~U64_C(0xfff), 2 * PAGE_SIZE, PAGE_GIVEN, PAGE_USED) == -E_INVAL);
	assert(!strcmp(page_states_what(0, 2 * PAGE_SIZE, PAGE_GIVEN), "shared"));
	assert(!strcmp(page_states_what(2 * PAGE_2M_SIZE, PAGE_SIZE, PAGE_USED),
		       "no page of ours"));
	assert(!page_states_are_used(pa(PAGE_SIZE), 1));
	assert(!page_states_move(2 * PAGE_SIZE, PAGE_SIZE, PAGE_GIVEN, PAGE_USED));
	assert(page_states_are_used(pa(2 * PAGE_SIZE + 8), 16));
	assert(!page_states_are_used(pa(3 * PAGE_SIZE - 8), 16));
	/* A unit that is being accepted, or is nobody's yet, is no memory. */
	unit_set_state(1, UNIT_ACCEPTING);
	assert(page_states_move(PAGE_2M_SIZE, PAGE_SIZE, PAGE_GIVEN, PAGE_USED) == -E_INVAL);
	unit_set_state(1, UNIT_ACCEPTED);
	assert(page_states_move(PAGE_2M_SIZE, PAGE_SIZE, PAGE_FREE, PAGE_USED) == -E_INVAL);
	EXPECT_PANIC(page_states_move(1, PAGE_SIZE, PAGE_GIVEN, PAGE_USED));
}

/* 1 TiB: 66 MiB of metadata; whole units leave the bits of pages alone. */
static void test_big(void)
{
	u64 count = U64_C(1) << 19, size = page_states_size(U64_C(1) << 40);

	assert(size == count * (4 + 128));
	start(count);
	assert(!page_states_move(0, U64_C(1) << 40, PAGE_GIVEN, PAGE_FREE));
	assert(!page_states_move(PAGE_2M_SIZE, U64_C(1) << 39, PAGE_FREE, PAGE_USED));
	for (u64 i = count * 4; i < size; i += 4096)
		assert(metadata[i] == 0xa5);
}

int main(void)
{
	test_random();
	test_refusals();
	test_big();
	free(metadata);
	return 0;
}
