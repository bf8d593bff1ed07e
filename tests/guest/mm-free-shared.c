/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that goes back while the host sees it ends the guest, before the next owner gets it: by
 * free(), by realloc(), by the C library's own hand, by sbrk(). Made private again it can be freed.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp %t | FileCheck %s --check-prefix=GOOD
 * RUN: %run-guest --platform=plain %t | FileCheck %s --check-prefix=GOOD
 * RUN: %run-guest --platform=snp --status=5 %t -- test free | FileCheck %s --check-prefix=FREE
 * RUN: %run-guest --platform=plain --status=5 %t -- test free | FileCheck %s --check-prefix=FREE
 * RUN: %run-guest --platform=tdx --status=5 %t -- test page | FileCheck %s --check-prefix=PAGE
 * GOOD: both freed
 * RUN: %run-guest --platform=snp --status=5 %t -- test grow | FileCheck %s --check-prefix=FREE
 * RUN: %run-guest --platform=snp --status=5 %t -- test shrink | FileCheck %s --check-prefix=FREE
 * RUN: %run-guest --platform=snp --status=5 %t -- test library | FileCheck %s --check-prefix=FREE
 * RUN: %run-guest --platform=tdx --status=5 %t -- test sbrk | FileCheck %s --check-prefix=FREE
 * FREE: check failed: {{.*}}page_states_are_used
 * FREE-NOT: freed
 * PAGE: panic: phys: {{.*}}, 4 KiB, freed: it is shared
 * PAGE-NOT: freed
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/workload.h"
#include "mm/phys.h"
#include "mm/visibility.h"

/* Blocks that lie behind it keep realloc() from growing it in place. */
static void give_back(const char *what, char *memory, char *last)
{
	if (!strcmp(what, "grow"))
		memory = realloc(memory, 64 * PAGE_SIZE);
	if (!strcmp(what, "shrink"))
		memory = realloc(memory, 16);
	if (!strcmp(what, "library")) {
		setvbuf(stdout, NULL, _IOFBF, 2 * PAGE_SIZE);
		printf("the buffer is taken now");
		last = (char *)align_up((u64)(uintptr_t)stdout->_bf._base, (u64)PAGE_SIZE);
		if (!set_memory_decrypted(va_of(last), 1))
			fclose(stdout);
	}
	if (!strcmp(what, "sbrk")) {
		char *more = sbrk(2 * PAGE_SIZE);

		last = (char *)align_up((u64)(uintptr_t)more, (u64)PAGE_SIZE);
		if (!set_memory_decrypted(va_of(last), 1))
			sbrk(-2 * PAGE_SIZE);
	}
	free(memory);
}

static int test(int argc, char **argv)
{
	void *memory = memalign(PAGE_SIZE, 2 * PAGE_SIZE);
	char *last = (char *)memory + PAGE_SIZE;
	pa_t page;

	if (!memory || phys_alloc(PHYS_ORDER_4K, &page) || set_memory_decrypted(va_of(last), 1) ||
	    set_memory_decrypted(pa_to_va(page), 1))
		return 1;
	if ((argc == 1 ||
	     (strcmp(argv[1], "free") && strcmp(argv[1], "grow") && strcmp(argv[1], "shrink"))) &&
	    set_memory_encrypted(va_of(last), 1))
		return 1;
	give_back(argc > 1 ? argv[1] : "", memory, last);
	if ((argc == 1 || strcmp(argv[1], "page")) && set_memory_encrypted(pa_to_va(page), 1))
		return 1;
	phys_free(page, PHYS_ORDER_4K);
	printf("both freed\n");
	return 0;
}

DEFINE_WORKLOAD("test", "frees shared memory", test);
