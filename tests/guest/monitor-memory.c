/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that nobody promised is noise, never zeros: a page just accepted, and a page after each
 * conversion, both ways. What was private does not show through the shared alias.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 *
 * CHECK: just accepted: 512 words of noise, 0 kept
 * CHECK-NEXT: private to shared: 512 words of noise, 0 kept
 * CHECK-NEXT: shared to private: 512 words of noise, 0 kept
 */
#include <stdio.h>
#include <stdlib.h>

#include "kernel/workload.h"
#include "mm/visibility.h"

#define WORDS      (PAGE_SIZE / sizeof(u64))
#define BLOCK_SIZE 0x400000
#define SECRET     U64_C(0x0123456789abcdef)

static u64 *page;

static void fill(void)
{
	for (unsigned int i = 0; i < WORDS; i++)
		page[i] = SECRET;
}

static void report(const char *what)
{
	unsigned int noise = 0, kept = 0;

	for (unsigned int i = 0; i < WORDS; i++) {
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

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	/* Far inside a block, where the allocator has not written yet. */
	page = (u64 *)align_up((u64)malloc(BLOCK_SIZE) + BLOCK_SIZE / 2, (u64)PAGE_SIZE);
	report("just accepted");
	fill();
	convert(set_memory_decrypted(va_of(page), 1));
	report("private to shared");
	fill();
	convert(set_memory_encrypted(va_of(page), 1));
	report("shared to private");
	return 0;
}

DEFINE_WORKLOAD("test", "looks at what conversions leave", test);
