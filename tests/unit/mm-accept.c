/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every byte of RAM is mapped once, and then accepted once unless whoever gave it has done that;
 * nothing else ever is, whatever is asked and in whatever order; a refusal terminates.
 * RUN: %unit-cc %s -iquote %S/Inputs/mm -o %t
 */
#include <string.h>

#include "../../early/memory_map.c"
#include "../../mm/accept.c"
#include "../../mm/heap.c"
#include "../../mm/page_states.c"
#include "Inputs/mm-fake.h"

#define M2    ((u64)PAGE_2M_SIZE)
#define UNITS 200
#define PAGES (UNITS * M2 / PAGE_SIZE)
#define FIRST (70 * M2)

static unsigned char accept_count[PAGES], map_count[PAGES];
static unsigned int calls;
static bool needs_acceptance = true, refuses;
static _Alignas(4096) unsigned char metadata[32 * 4096];

/* clang-format off */
#define R(start, end, accepted) { start, (end) - (start), MEMORY_RAM, accepted, "test" }
/* clang-format on */

/* Whole units, and where they are accepted any page; a part of one, which only supply asks for. */
static const struct memory_map ram = {
	.count = 6,
	.ranges = { R(2 * M2, 60 * M2, false), R(60 * M2, 61 * M2 + PAGE_SIZE, true),
		    R(61 * M2 + PAGE_SIZE, 140 * M2, false), R(150 * M2, 170 * M2, true),
		    R(170 * M2, 199 * M2, false), R(199 * M2, 199 * M2 + 0x3000, false) },
};
/* All but the first and the last are whole units. */
static const struct memory_piece pieces[] = { { 2 * M2, 140 * M2 }, { 150 * M2, 199 * M2 } };
#define UNITS_TO_ACCEPT ((60 - 2) + (140 - 62) + (199 - 170))

const char __image_start[1], __image_end[1];

bool cc_has(enum cc_attr attr)
{
	assert(attr == CC_PAGE_STATES);
	return needs_acceptance;
}

void tables_map_ram(u64 from, u64 to)
{
	for (u64 i = from / PAGE_SIZE; i < to / PAGE_SIZE; i++)
		map_count[i]++;
}

int pv_accept_memory(pa_t start, u64 size)
{
	assert(size && is_aligned(start.value | size, (u64)PAGE_SIZE));
	calls++;
	for (u64 i = start.value / PAGE_SIZE; i < (start.value + size) / PAGE_SIZE; i++) {
		assert(map_count[i] == 1);
		accept_count[i]++;
	}
	return refuses ? -E_IO : 0;
}

noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	assert(strstr(fmt, "the memory at ") && strstr(fmt, " cannot be accepted"));
	panic("terminated: %u", reason);
}

static void start(void)
{
	memset(accept_count, 0, sizeof(accept_count));
	memset(map_count, 0, sizeof(map_count));
	memory_map = ram;
	calls = 0;
	some_next = 0;
	counts = (struct accept_counts){ 0 };
	page_states_init(metadata, UNITS * M2);
}

static const struct memory_range *range_of(u64 address)
{
	for (u32 i = 0; i < memory_map.count; i++)
		if (address - memory_map.ranges[i].start < memory_map.ranges[i].size)
			return &memory_map.ranges[i];
	return NULL;
}

static void expect_page(u64 page, bool asked)
{
	const struct memory_range *r = range_of(page * PAGE_SIZE);

	assert(map_count[page] == (r && asked));
	assert(accept_count[page] == (r && asked && !r->accepted));
}

static void accept_pieces(void)
{
	for (size_t i = 0; i < array_count(pieces); i++)
		accept_range(pa(pieces[i].start), pieces[i].end - pieces[i].start);
}

static bool in_pieces(u64 page)
{
	u64 at = page * PAGE_SIZE;

	return (at >= pieces[0].start && at < pieces[0].end) ||
	       (at >= pieces[1].start && at < pieces[1].end);
}

static void expect_all_once(void)
{
	for (u64 i = 0; i < PAGES; i++)
		expect_page(i, in_pieces(i));
}

static void test_all(void)
{
	start();
	accept_pieces();
	expect_all_once();
	assert(calls == 3); /* long runs, few calls */
	assert(counts.units_2m == UNITS_TO_ACCEPT && counts.pages_4k == 511);
	assert(counts.units_2m * M2 + counts.pages_4k * PAGE_SIZE == counts.bytes);
	accept_pieces();
	assert(calls == 3);
	/* What fills no unit. */
	accept_pages(pa(199 * M2), 0x3000);
	assert(calls == 4 && accept_count[199 * 512 + 2] == 1 && map_count[199 * 512 + 2] == 1);
	assert(!accept_count[199 * 512 + 3]);
}

static void test_piecemeal(void)
{
	u64 seed = 1;

	start();
	for (unsigned int i = 0; i < 400; i++) {
		const struct memory_piece *piece = &pieces[i % 2];
		u64 at, size;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		at = piece->start + (seed >> 33) % (piece->end - piece->start);
		size = (seed >> 20) % (3 * M2) + 1;
		if (at + size > piece->end)
			size = piece->end - at;
		accept_range(pa(at), size);
		for (u64 p = at / PAGE_SIZE; p * PAGE_SIZE < at + size; p++)
			expect_page(p, true);
	}
	accept_pieces();
	expect_all_once();
}

static void test_heap(void)
{
	start();
	heap_init(pa(10 * M2), 4 * M2);
	assert(heap_size_max() == 4 * M2 && !calls);
	assert(heap_grow(0) == (void *)(10 * M2) && !calls);
	assert(heap_grow(1) == (void *)(10 * M2) && calls == 1);
	assert(accept_count[11 * 512 - 1] == 1 && accept_count[11 * 512] == 0);
	assert(heap_grow((s64)M2) == (void *)(10 * M2 + 1) && calls == 2);
	assert(!heap_grow((s64)(3 * M2)) && !heap_grow(INT64_MAX) && !heap_grow(INT64_MIN));
	assert(heap_grow((s64)(3 * M2 - 1)) == (void *)(11 * M2 + 1));
	assert(!heap_grow(1) && heap_grow(0) == (void *)(14 * M2));
	assert(heap_grow(-(s64)(4 * M2)) == (void *)(14 * M2) && !heap_grow(-1));
	for (u64 i = 0; i < PAGES; i++)
		assert(accept_count[i] == (i >= 10 * 512 && i < 14 * 512));
	assert(page_states_are_used(pa(10 * M2), 4 * M2));
}

/* One call accepts at most one unit; in the end all whole units are accepted, and nothing else. */
static void test_some(void)
{
	u64 before = 0;
	unsigned int rounds = 0;
	bool more = true;

	start();
	accept_range(pa(20 * M2), 30 * M2);
	before = counts.bytes;
	calls = 0;
	while (more) {
		unsigned int calls_before = calls;

		more = accept_some();
		assert(calls <= calls_before + 1);
		assert(counts.bytes <= before + M2);
		before = counts.bytes;
		rounds++;
	}
	assert(rounds < UNITS && counts.pages_4k == 511);
	assert(counts.units_2m == UNITS_TO_ACCEPT);
	/* Units that firmware accepted are not even mapped ahead. */
	assert(!map_count[60 * 512] && map_count[61 * 512] && !map_count[150 * 512]);
	assert(!map_count[199 * 512]);
	calls = 0;
	assert(!accept_some() && !calls);
	/* Where nothing is to be done, a call ends nevertheless. */
	start();
	accept_pieces();
	calls = 0;
	assert(accept_some() && !calls && some_next == SOME_LOOKS);
	/* Low memory is nobody's, even where a loader gives it in one with the rest. */
	start();
	memory_map.ranges[0].start = 0;
	memory_map.ranges[0].size = 60 * M2;
	while (accept_some())
		;
	assert(!accept_count[0] && accept_count[512] == 1);
}

/* The first units, under the early tables, and no metadata yet. */
static void test_first(void)
{
	start();
	memset(map_count + FIRST / PAGE_SIZE, 1, 2 * 512);
	accept_first(pa(FIRST), 2 * M2);
	assert(calls == 1 && counts.bytes == 2 * M2 && accept_count[FIRST / PAGE_SIZE] == 1);
	accept_first(pa(160 * M2), M2); /* accepted already */
	assert(calls == 1);
}

int main(void)
{
	test_first();
	test_all();
	test_piecemeal();
	test_heap();
	test_some();
	start();
	needs_acceptance = false;
	accept_range(pa(2 * M2), M2);
	assert(!calls && !counts.bytes && !counts.pages_4k && map_count[2 * 512] == 1);
	assert(!accept_some() && !calls && !some_next);
	needs_acceptance = refuses = true;
	EXPECT_PANIC((accept_range(pa(FIRST), 1), 0));
	EXPECT_PANIC((accept_range(pa(0), UNITS * M2 + 1), 0));
	return 0;
}
