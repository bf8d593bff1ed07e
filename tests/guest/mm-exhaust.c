/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All memory can be had, page by page, also what was not accepted at boot; no page is handed out
 * twice; and when all is gone, phys_alloc() and heap_grow() say so.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mem 64M %t | FileCheck %s
 * RUN: %run-guest --platform=snp --mem 64M %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --mem 64M %t | FileCheck %s
 *
 * CHECK: all but {{[1-9]|[1-3][0-9]}} pages used
 * CHECK-NEXT: none left, all different
 */
#include "kernel/workload.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/phys.h"

#include <stdint.h>
#include <stdio.h>

#define MIB       (1UL << 20)
#define PAGES_MAX (64 * MIB / PAGE_SIZE)

static uint64_t *pages[PAGES_MAX];

static int workload(int argc, char **argv)
{
	unsigned long count = 0, heap;
	pa_t page;

	(void)argc, (void)argv;
	printf("using all\n"); /* stdio's buffer comes out of the heap now, not later */
	while (heap_grow(PAGE_SIZE))
		;
	while (count < PAGES_MAX && !phys_alloc(PHYS_ORDER_4K, &page)) {
		pages[count] = pa_ptr(page);
		*pages[count] = count;
		count++;
	}
	heap = heap_size_max() / PAGE_SIZE;
	/* Metadata and page tables take the rest. */
	printf("all but %lu pages used\n", mm_ram_size() / PAGE_SIZE - count - heap);
	for (unsigned long i = 0; i < count; i++) {
		if (*pages[i] != i)
			return 1;
	}
	if (!phys_alloc(PHYS_ORDER_4K, &page) || heap_grow(PAGE_SIZE) || phys_free_bytes())
		return 1;
	puts("none left, all different");
	return 0;
}

DEFINE_WORKLOAD("test", "uses all memory", workload);
