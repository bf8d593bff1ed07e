/* SPDX-License-Identifier: Apache-2.0 */
/*
 * At boot memory is accepted in 2M units only, once each (the monitor names a second time a
 * violation), and in no more exits than there are units; 4K pages are those that are shared.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --mem 512M --trace %t.trace %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=TRACE < %t.trace
 *
 * CHECK: memory: {{4[89][0-9]|50[0-9]}} MiB accepted in {{2[45][0-9]}} units of 2M
 * CHECK: accepted nothing new
 * CHECK-NEXT: accepted 4K pages
 *
 * TRACE: pvalidate gpa=0x400000 size=0x1 validate=0x1 status=0x0 unchanged=0
 * TRACE: pvalidate gpa=0x{{[0-9a-f]+}} size=0x0 validate=0x1 status=0x0 unchanged=0
 * TRACE: # total {{.*}} pvalidate={{[0-9]+}}
 */
#include "kernel/workload.h"
#include "mm/accept.h"
#include "mm/heap.h"
#include "mm/phys.h"

#include <stdio.h>

static int workload(int argc, char **argv)
{
	struct accept_counts before = accept_counts(), now;
	pa_t page;

	(void)argc, (void)argv;
	if (!heap_grow(0x1000000) || phys_alloc(PHYS_ORDER_4K, &page))
		return 1;
	now = accept_counts();
	if (now.bytes == before.bytes && !now.pages_4k)
		puts("accepted nothing new");
	while (!phys_alloc(PHYS_ORDER_2M, &page) || !phys_alloc(PHYS_ORDER_4K, &page))
		;
	now = accept_counts();
	if (now.units_2m == before.units_2m && now.pages_4k)
		puts("accepted 4K pages");
	return 0;
}

DEFINE_WORKLOAD("test", "counts what is accepted when", workload);
