/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allocator of pages never hands out a page twice or one it was not given, and never touches
 * the memory itself, the bitmaps of units that are not split, or the records of units that were
 * not handed over.
 * RUN: %unit-cc %s -o %t
 */
#include <string.h>
#include <sys/mman.h>

#include "../../mm/phys.c"
#include "Inputs/mm-fake.h"

#define M2    ((u64)PAGE_2M_SIZE)
#define LIMIT (16 * M2)

/* The last one made; each test has its own. */
static unsigned char *metadata;

static void *metadata_make(u64 limit)
{
	u64 size = phys_metadata_size(limit);

	free(metadata);
	metadata = aligned_alloc(PAGE_SIZE, size);
	memset(metadata, 0xa5, size);
	return metadata;
}

static pa_t alloc(unsigned int order)
{
	pa_t block;

	assert(!phys_alloc(order, &block));
	assert(block.value % ((u64)PAGE_SIZE << order) == 0);
	return block;
}

static bool is_full(unsigned int order)
{
	pa_t block;

	return phys_alloc(order, &block) == -E_NOMEM;
}

static void test_all_pages_once(void)
{
	static unsigned char seen[LIMIT / PAGE_SIZE];
	u64 size = 3 * M2 + 5 * PAGE_SIZE;

	phys_init(metadata_make(LIMIT), LIMIT);
	assert(is_full(0) && phys_free_bytes() == 0);
	phys_add(pa(M2 - 2 * PAGE_SIZE), size);
	phys_add(pa(8 * M2), PAGE_SIZE);
	assert(phys_free_bytes() == size + PAGE_SIZE);
	for (u64 i = 0; i < (size + PAGE_SIZE) / PAGE_SIZE; i++) {
		u64 at = alloc(0).value;

		assert(at == 8 * M2 ||
		       (at >= M2 - 2 * PAGE_SIZE && at < M2 - 2 * PAGE_SIZE + size));
		assert(!seen[at / PAGE_SIZE]++);
	}
	assert(is_full(0) && phys_free_bytes() == 0);
}

static void test_orders(void)
{
	phys_init(metadata_make(LIMIT), LIMIT);
	phys_add(pa(M2), 3 * M2);
	for (unsigned int order = 0; order < PHYS_ORDER_MAX; order++)
		alloc(order); /* 511 pages of one unit */
	assert(phys_free_bytes() == 2 * M2 + PAGE_SIZE);
	alloc(PHYS_ORDER_2M);
	alloc(PHYS_ORDER_2M);
	assert(is_full(PHYS_ORDER_2M) && is_full(1));
	alloc(0);
	assert(is_full(0));
	EXPECT_PANIC(phys_alloc(PHYS_ORDER_MAX + 1, &(pa_t){ 0 }));
}

/* Memory at the addresses that the allocator deals with, since a freed page is overwritten. */
static void test_free(void)
{
	u64 base = 0x20000000;
	unsigned char *memory = mmap((void *)base, 2 * M2, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	pa_t unit, page;

	assert(memory == (void *)base);
	phys_init(metadata_make(base + 2 * M2), base + 2 * M2);
	phys_add(pa(base), 2 * M2);
	unit = alloc(PHYS_ORDER_2M);
	page = alloc(0);
	memory[page.value - base] = 1;
	phys_free(page, 0);
	assert(memory[page.value - base] == POISON && memory[page.value - base + 4095] == POISON);
	assert(memory[0] == 0 || memory[M2] == 0);
	EXPECT_PANIC(phys_free(page, 0));
	EXPECT_PANIC(phys_free(pa(page.value + 1), 0));
	/* All pages are back: it is a whole unit again. */
	assert(alloc(PHYS_ORDER_2M).value == page.value);
	assert(is_full(0));
	/* A unit taken as a whole may come back in pages. */
	for (u64 i = 0; i < M2; i += PAGE_SIZE)
		phys_free(pa(unit.value + i), 0);
	EXPECT_PANIC(phys_free(unit, PHYS_ORDER_2M));
	assert(alloc(PHYS_ORDER_2M).value == unit.value);
	phys_free(unit, PHYS_ORDER_2M);
	EXPECT_PANIC(phys_free(unit, PHYS_ORDER_2M));
	EXPECT_PANIC(phys_free(pa(base + 2 * M2), 0));
	EXPECT_PANIC(phys_add(pa(unit.value), PAGE_SIZE));
	munmap(memory, 2 * M2);
}

static int refills;

static int refill(void)
{
	if (refills == 3)
		return -E_NOMEM;
	phys_add(pa((u64)refills++ * M2), M2);
	return 0;
}

static void test_refill(void)
{
	phys_init(metadata_make(LIMIT), LIMIT);
	phys_set_refill(refill);
	for (u64 i = 0; i < 2; i++)
		assert(alloc(PHYS_ORDER_2M).value == i * M2);
	assert(refills == 2);
	for (u64 i = 0; i < 512; i++)
		alloc(0);
	assert(refills == 3 && is_full(0) && is_full(PHYS_ORDER_2M));
}

/* Another processor is handed the last unit, while this one asks in vain. */
static int refill_by_other(void)
{
	if (refills++)
		return -E_NOMEM;
	phys_add(pa(0), M2);
	return -E_NOMEM;
}

static void test_refill_by_other(void)
{
	phys_init(metadata_make(LIMIT), LIMIT);
	refills = 0;
	phys_set_refill(refill_by_other);
	alloc(PHYS_ORDER_2M);
	assert(is_full(0) && refills == 2);
}

/* A unit handed over costs its record and those below it, not those above. */
static void test_records(void)
{
	u64 limit = U64_C(64) << 30;

	phys_init(metadata_make(limit), limit);
	for (u64 unit = 10; unit < 20; unit++) {
		phys_add(pa(unit * M2), M2);
		assert(alloc(PHYS_ORDER_2M).value == unit * M2 && is_full(0));
		for (u64 i = (unit + 1) * sizeof(struct unit); i < 32768 * 4; i++)
			assert(metadata[i] == 0xa5);
	}
	phys_add(pa(M2), PAGE_SIZE); /* one that was passed by */
	assert(alloc(0).value == M2 && is_full(0));
	EXPECT_PANIC(phys_free(pa(20 * M2), PHYS_ORDER_2M));
}

/* 64 GiB: 1/32768 of it for records and bitmaps; whole units leave the bitmaps alone. */
static void test_big(void)
{
	u64 limit = U64_C(64) << 30;
	u64 size = phys_metadata_size(limit);

	assert(size == 32768 * (4 + 64));
	phys_init(metadata_make(limit), limit);
	phys_add(pa(M2), limit - M2);
	assert(phys_free_bytes() == limit - M2);
	for (u64 i = 1; i < 32768; i++)
		assert(alloc(PHYS_ORDER_2M).value == i * M2);
	for (u64 i = 32768 * 4; i < size; i++)
		assert(metadata[i] == 0xa5);
	assert(is_full(0));
}

int main(void)
{
	test_all_pages_once();
	test_orders();
	test_free();
	test_refill();
	test_refill_by_other();
	test_records();
	test_big();
	free(metadata);
	return 0;
}
