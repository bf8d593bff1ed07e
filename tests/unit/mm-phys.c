/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The allocator of pages never hands out a page twice or one it was not given, never takes back one
 * that is free or shared, and never touches the memory itself.
 * RUN: %unit-cc %s -o %t
 */
#include <string.h>
#include <sys/mman.h>

#include "../../mm/page_states.c"
#include "../../mm/phys.c"
#include "Inputs/mm-fake.h"

#define M2    ((u64)PAGE_2M_SIZE)
#define LIMIT (16 * M2)

/* The last one made; each test has its own. */
static unsigned char *metadata;

static void start(u64 limit)
{
	u64 size = page_states_size(limit);

	free(metadata);
	metadata = aligned_alloc(PAGE_SIZE, size);
	memset(metadata, 0xa5, size);
	page_states_init(metadata, limit);
	phys_init();
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

	start(LIMIT);
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
	start(LIMIT);
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
	start(base + 2 * M2);
	phys_add(pa(base), 2 * M2);
	unit = alloc(PHYS_ORDER_2M);
	page = alloc(0);
	memory[page.value - base] = 1;
	phys_free(page, 0);
	assert(memory[page.value - base] == POISON && memory[page.value - base + 4095] == POISON);
	assert(memory[0] == 0 || memory[M2] == 0);
	EXPECT_PANIC(phys_free(page, 0));
	EXPECT_PANIC(phys_free(pa(page.value + 1), 0));
	assert(alloc(0).value == page.value);
	assert(!page_states_move(page.value, PAGE_SIZE, PAGE_USED, PAGE_SHARED));
	EXPECT_PANIC(phys_free(page, 0));
	assert(!page_states_move(page.value, PAGE_SIZE, PAGE_SHARED, PAGE_USED));
	phys_free(page, 0);
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
	start(LIMIT);
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
	start(LIMIT);
	refills = 0;
	phys_set_refill(refill_by_other);
	alloc(PHYS_ORDER_2M);
	assert(is_full(0) && refills == 2);
}

int main(void)
{
	test_all_pages_once();
	test_orders();
	test_free();
	test_refill();
	test_refill_by_other();
	free(metadata);
	return 0;
}
