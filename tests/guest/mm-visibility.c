/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversions of one page and of ranges across the ends of 2M entries split no more than they
 * must, leave the neighbours' content alone, and give usable memory both ways.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 *
 * CHECK: one page: ok
 * CHECK-NEXT: across: ok
 * CHECK-NEXT: whole units: ok
 * CHECK-NEXT: refusals: ok
 */
#include "kernel/workload.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/visibility.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define M2         ((uint64_t)PAGE_2M_SIZE)
#define UNITS      4
#define REQUIRE(x) ((x) ? (void)0 : fail(__LINE__, #x))

static uint64_t base;

static void fail(int line, const char *what)
{
	printf("line %d: not %s\n", line, what);
	exit(1);
}

/* One number in each page, different everywhere. */
static volatile uint64_t *word(uint64_t page)
{
	return (volatile uint64_t *)(base + page * PAGE_SIZE + page % 512 * 8);
}

static void fill(uint64_t first, uint64_t count)
{
	for (uint64_t i = first; i < first + count; i++)
		*word(i) = ~i;
}

static int is_filled(uint64_t first, uint64_t count)
{
	for (uint64_t i = first; i < first + count; i++) {
		if (*word(i) != ~i)
			return 0;
	}
	return 1;
}

static struct pgtable_leaf leaf_of(uint64_t page)
{
	struct pgtable_leaf leaf = { 0 };

	REQUIRE(!pgtable_find(mm_pgtable(), va(base + page * PAGE_SIZE), &leaf));
	return leaf;
}

/* There and back; what lies around keeps its content. */
static void round_trip(uint64_t first, uint64_t count)
{
	uint64_t end = UNITS * 512;

	fill(0, end);
	REQUIRE(!set_memory_decrypted(va(base + first * PAGE_SIZE), count));
	REQUIRE(leaf_of(first).flags == (PGTABLE_W | PGTABLE_SHARED));
	REQUIRE(leaf_of(first + count - 1).flags == (PGTABLE_W | PGTABLE_SHARED));
	REQUIRE(is_filled(0, first) && is_filled(first + count, end - first - count));
	fill(first, count);
	REQUIRE(is_filled(0, end));
	REQUIRE(!set_memory_encrypted(va(base + first * PAGE_SIZE), count));
	REQUIRE(leaf_of(first).flags == PGTABLE_W && leaf_of(first + count - 1).flags == PGTABLE_W);
	REQUIRE(is_filled(0, first) && is_filled(first + count, end - first - count));
	fill(first, count);
	REQUIRE(is_filled(0, end));
}

static int workload(int argc, char **argv)
{
	(void)argc, (void)argv;
	base = ((uint64_t)malloc((UNITS + 1) * M2) + M2 - 1) & ~(M2 - 1);
	REQUIRE(leaf_of(0).size == M2 && leaf_of(512).size == M2);

	/* Conversions of whole units split nothing. */
	round_trip(2 * 512, 512);
	REQUIRE(leaf_of(2 * 512).size == M2);

	round_trip(7, 1);
	REQUIRE(leaf_of(0).size == PAGE_SIZE && leaf_of(511).size == PAGE_SIZE);
	REQUIRE(leaf_of(512).size == M2);
	puts("one page: ok");

	round_trip(511, 2);
	REQUIRE(leaf_of(512).size == PAGE_SIZE && leaf_of(1024).size == M2);
	round_trip(1000, 1000);
	round_trip(1535, 2); /* parts of them were converted before */
	puts("across: ok");

	round_trip(512, 2 * 512);
	round_trip(0, UNITS * 512);
	puts("whole units: ok");

	REQUIRE(set_memory_encrypted(va(base), 1) == -E_INVAL);
	REQUIRE(set_memory_decrypted(va(base + 8), 1) == -E_INVAL);
	REQUIRE(set_memory_decrypted(va((uint64_t)workload & ~(uint64_t)0xfff), 1) == -E_INVAL);
	REQUIRE(!set_memory_decrypted(va(base + PAGE_SIZE), 1));
	REQUIRE(set_memory_decrypted(va(base), 3) == -E_INVAL);
	REQUIRE(!set_memory_encrypted(va(base + PAGE_SIZE), 1));
	puts("refusals: ok");
	return 0;
}

DEFINE_WORKLOAD("test", "converts memory", workload);
