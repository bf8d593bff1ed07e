/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every byte of RAM is mapped once, then accepted once, and nothing else ever is, whatever is asked
 * and in whatever order; a refusal terminates.
 * RUN: %unit-cc %s -iquote %S/Inputs/mm -o %t
 */
#include <string.h>

#include "lib/cpu.h"
#define read_gs32(offset) 0

#include "../../mm/accept.c"
#include "../../mm/heap.c"
#include "../../mm/usable.c"
#include "Inputs/mm-fake.h"

#define M2    ((u64)PAGE_2M_SIZE)
#define UNITS 200
#define PAGES (UNITS * M2 / PAGE_SIZE)
#define FIRST (70 * M2)

static unsigned char accept_count[PAGES], map_count[PAGES];
static unsigned int calls;
static bool needs_acceptance = true, refuses;
static _Alignas(4096) unsigned char metadata[4096];
/* Ends and holes at any page. */
static struct usable_ranges ranges = {
	.count = 5,
	.range = { { 0x100000, 0x200000 },
		   { 0x456000, 0x4ff000 },
		   { 0x501000, 60 * M2 },
		   { 60 * M2 + PAGE_SIZE, 140 * M2 },
		   { 150 * M2, 199 * M2 + 0x3000 } },
};

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
	(void)fmt;
	panic("terminated: %u", reason);
}

static void start(void)
{
	memset(accept_count, 0, sizeof(accept_count));
	memset(map_count, 0, sizeof(map_count));
	calls = 0;
	some_next = 0;
	counts = (struct accept_counts){ 0 };
	memset(claims, 0, sizeof(claims));
	acceptable = &ranges;
	accept_unit_count = UNITS;
	accepted = (u64 *)metadata;
	memset(metadata, 0, sizeof(metadata));
}

static bool is_usable(u64 address)
{
	return usable_overlaps(&ranges, address, address + PAGE_SIZE);
}

static void expect_all_once(void)
{
	for (u64 i = 0; i < PAGES; i++) {
		assert(accept_count[i] == is_usable(i * PAGE_SIZE));
		assert(map_count[i] == accept_count[i]);
	}
}

static void test_all(void)
{
	start();
	accept_range(pa(0), usable_limit(&ranges));
	expect_all_once();
	assert(calls == ranges.count); /* long runs, few calls */
	assert(counts.bytes == usable_size(&ranges));
	assert(counts.units_2m * M2 + counts.pages_4k * PAGE_SIZE == counts.bytes);
	assert(counts.units_2m == (60 - 3) + (140 - 61) + (199 - 150));
	accept_range(pa(0), usable_limit(&ranges));
	assert(calls == ranges.count);
}

static void test_piecemeal(void)
{
	u64 seed = 1;

	start();
	for (unsigned int i = 0; i < 400; i++) {
		u64 at, size;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		at = (seed >> 33) % (usable_limit(&ranges) / PAGE_SIZE) * PAGE_SIZE;
		size = (seed >> 20) % (3 * M2) + 1;
		if (at + size > usable_limit(&ranges))
			size = usable_limit(&ranges) - at;
		accept_range(pa(at), size);
		for (u64 p = align_down(at, (u64)PAGE_SIZE); p < at + size; p += PAGE_SIZE)
			assert(accept_count[p / PAGE_SIZE] == is_usable(p));
	}
	accept_range(pa(0), usable_limit(&ranges));
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
	assert(rounds < UNITS && !counts.pages_4k);
	assert(counts.units_2m == (60 - 3) + (140 - 61) + (199 - 150));
	calls = 0;
	assert(!accept_some() && !calls);
	/* Where nothing is to be done, a call ends nevertheless. */
	start();
	accept_range(pa(0), usable_limit(&ranges));
	calls = 0;
	assert(accept_some() && !calls && some_next == SOME_LOOKS);
}

/* The first units are accepted, and never again. */
static void test_init(void)
{
	start();
	memset(metadata, 0xa5, sizeof(metadata));
	memset(map_count + FIRST / PAGE_SIZE, 1, 2 * 512); /* the early tables map them */
	accept_init(&ranges, (struct usable_range){ FIRST, FIRST + 2 * M2 }, metadata);
	assert(calls == 1 && counts.bytes == 2 * M2);
	accept_range(pa(0), usable_limit(&ranges));
	expect_all_once();
	EXPECT_PANIC(
		(accept_init(&ranges, (struct usable_range){ FIRST, FIRST + 1 }, metadata), 0));
}

int main(void)
{
	test_init();
	test_all();
	test_piecemeal();
	test_heap();
	test_some();
	start();
	needs_acceptance = false;
	accept_range(pa(0), M2);
	assert(!counts.bytes && !counts.pages_4k);
	calls = 0;
	assert(!accept_some() && !calls && !some_next);
	refuses = true;
	EXPECT_PANIC((accept_range(pa(FIRST), 1), 0));
	assert(accept_metadata_size(U64_C(64) << 30) == 4096);
	EXPECT_PANIC((accept_range(pa(0), UNITS * M2 + 1), 0));
	return 0;
}
