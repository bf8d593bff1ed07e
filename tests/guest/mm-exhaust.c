/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All memory can be had, page by page, also what was not accepted at boot; no page is handed out
 * twice; and when all is gone, phys_alloc() and heap_grow() say so. Then no more is shared with the
 * host, and what was becomes private again.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mem 64M %t | FileCheck %s
 * RUN: %run-guest --platform=snp --mem 64M %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --mem 64M %t | FileCheck %s
 *
 * CHECK: all but {{[1-9]|[1-3][0-9]}} pages used
 * CHECK-NEXT: none left, all different
 * CHECK-NEXT: no page is shared any more, and none stays so
 */
#include "kernel/workload.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/visibility.h"

#include <stdint.h>
#include <stdio.h>

#define MIB       (1UL << 20)
#define PAGES_MAX (64 * MIB / PAGE_SIZE)

static uint64_t *pages[PAGES_MAX];

/* Of two units: one is shared in part, the other is not. */
static int shares_without_memory(va_t shared, va_t private)
{
	if (set_memory_decrypted(private, 1) != -E_NOMEM)
		return 1;
	*(volatile uint64_t *)va_ptr(private) = 1;
	if (set_memory_encrypted(shared, 3))
		return 1;
	*(volatile uint64_t *)va_ptr(shared) = 1;
	puts("no page is shared any more, and none stays so");
	return 0;
}

static int workload(int argc, char **argv)
{
	unsigned long count = 0, heap;
	pa_t page, units[2];

	(void)argc, (void)argv;
	if (phys_alloc(PHYS_ORDER_2M, &units[0]) || phys_alloc(PHYS_ORDER_2M, &units[1]) ||
	    set_memory_decrypted(pa_to_va(units[0]), 3))
		return 1;
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
	printf("all but %lu pages used\n",
	       mm_ram_size() / PAGE_SIZE - count - heap - 2 * PAGE_2M_SIZE / PAGE_SIZE);
	for (unsigned long i = 0; i < count; i++) {
		if (*pages[i] != i)
			return 1;
	}
	if (!phys_alloc(PHYS_ORDER_4K, &page) || heap_grow(PAGE_SIZE) || phys_free_bytes())
		return 1;
	puts("none left, all different");
	return shares_without_memory(pa_to_va(units[0]), pa_to_va(units[1]));
}

DEFINE_WORKLOAD("test", "uses all memory", workload);
