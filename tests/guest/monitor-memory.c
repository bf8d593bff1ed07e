/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that nobody promised is noise, never zeros: a page just accepted, and a page after each
 * conversion, both ways. What was private does not show through the shared alias, what was shared
 * not after the way back, which accepts the pages again: a page, a 2M unit, and more than a unit.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --trace %t.trace %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE < %t.trace
 *
 * CHECK: just accepted: 512 words of noise, 0 kept
 * CHECK-NEXT: private to shared: 512 words of noise, 0 kept
 * CHECK-NEXT: shared to private: 512 words of noise, 0 kept
 * CHECK-NEXT: just accepted: 262144 words of noise, 0 kept
 * CHECK-NEXT: private to shared: 262144 words of noise, 0 kept
 * CHECK-NEXT: shared to private: 262144 words of noise, 0 kept
 * CHECK-NEXT: just accepted: 263168 words of noise, 0 kept
 * CHECK-NEXT: private to shared: 263168 words of noise, 0 kept
 * CHECK-NEXT: shared to private: 263168 words of noise, 0 kept
 *
 * The unit, there and back: rescinded, given away, taken back, accepted again, as one.
 * TRACE: pvalidate gpa=[[UNIT:0x[0-9a-f]+00000]] size=0x1 validate=0x0 status=0x0 unchanged=0
 * TRACE-NEXT: entries=1 private=0 shared=512
 * TRACE: entries=1 private=512 shared=0
 * TRACE: pvalidate gpa=[[UNIT]] size=0x1 validate=0x1 status=0x0 unchanged=0
 */
#include <stdio.h>
#include <stdlib.h>

#include "kernel/workload.h"
#include "mm/visibility.h"

#define WORDS      (PAGE_SIZE / sizeof(u64))
#define BLOCK_SIZE 0xa00000
#define UNIT_PAGES (PAGE_2M_SIZE / PAGE_SIZE)
#define SECRET     U64_C(0x0123456789abcdef)

static u64 *page;
static u64 words;

static void fill(void)
{
	for (u64 i = 0; i < words; i++)
		page[i] = SECRET;
}

static void report(const char *what)
{
	unsigned int noise = 0, kept = 0;

	for (u64 i = 0; i < words; i++) {
		noise += page[i] != 0 && page[i] != SECRET;
		kept += page[i] == SECRET;
	}
	printf("%s: %u words of noise, %u kept\n", what, noise, kept);
}

static void convert(int failed)
{
	if (failed)
		abort();
}

static void round_trip(u64 *start, u64 page_count)
{
	page = start;
	words = page_count * WORDS;
	report("just accepted");
	fill();
	convert(set_memory_decrypted(va_of(page), page_count));
	report("private to shared");
	fill();
	convert(set_memory_encrypted(va_of(page), page_count));
	report("shared to private");
	fill(); /* it is memory */
}

static int test(int argc, char **argv)
{
	/* Inside of a block, where the allocator has not written yet. */
	u64 unit = align_up((u64)malloc(BLOCK_SIZE) + 2 * PAGE_SIZE, (u64)PAGE_2M_SIZE);

	(void)argc, (void)argv;
	round_trip((u64 *)(unit - PAGE_SIZE), 1);
	round_trip((u64 *)unit, UNIT_PAGES);
	unit += PAGE_2M_SIZE;
	round_trip((u64 *)(unit + PAGE_2M_SIZE - PAGE_SIZE), UNIT_PAGES + 2);
	return 0;
}

DEFINE_WORKLOAD("test", "looks at what conversions leave", test);
