/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is freed while the host sees it ends the guest, before the next owner gets it; made
 * private again it can be freed.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp %t | FileCheck %s --check-prefix=GOOD
 * RUN: %run-guest --platform=plain %t | FileCheck %s --check-prefix=GOOD
 * RUN: %run-guest --platform=snp --status=5 %t -- test free | FileCheck %s --check-prefix=FREE
 * RUN: %run-guest --platform=plain --status=5 %t -- test free | FileCheck %s --check-prefix=FREE
 * RUN: %run-guest --platform=tdx --status=5 %t -- test page | FileCheck %s --check-prefix=PAGE
 * GOOD: both freed
 * FREE: check failed: page_states_are_used
 * FREE-NOT: freed
 * PAGE: panic: phys: {{.*}}, 4 KiB, freed: it is shared
 * PAGE-NOT: freed
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/workload.h"
#include "mm/phys.h"
#include "mm/visibility.h"

static int test(int argc, char **argv)
{
	void *memory = memalign(PAGE_SIZE, 2 * PAGE_SIZE);
	char *last = (char *)memory + PAGE_SIZE;
	pa_t page;

	if (!memory || phys_alloc(PHYS_ORDER_4K, &page) || set_memory_decrypted(va_of(last), 1) ||
	    set_memory_decrypted(pa_to_va(page), 1))
		return 1;
	if ((argc == 1 || strcmp(argv[1], "free")) && set_memory_encrypted(va_of(last), 1))
		return 1;
	free(memory);
	if ((argc == 1 || strcmp(argv[1], "page")) && set_memory_encrypted(pa_to_va(page), 1))
		return 1;
	phys_free(page, PHYS_ORDER_4K);
	printf("both freed\n");
	return 0;
}

DEFINE_WORKLOAD("test", "frees shared memory", test);
