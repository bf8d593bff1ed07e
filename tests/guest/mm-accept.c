/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory is accepted when it is first used, in 2M units, once each (the monitor names a second time
 * a violation): by the heap as it grows, by phys_alloc() in pages and in units, by an idle
 * processor. accept=eager does it at boot, in long batches. What fills no unit is accepted when all
 * else is gone.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --mem 512M --trace %t.lazy %t | FileCheck %s --check-prefix=LAZY
 * RUN: FileCheck %s --check-prefix=FIRST < %t.lazy
 * RUN: %run-guest --platform=snp --mem 512M --append accept=lazy %t | FileCheck %s --check-prefix=LAZY
 * RUN: %run-guest --platform=snp --mem 512M --append accept=eager --trace %t.eager %t -- test eager \
 * RUN:     | FileCheck %s --check-prefix=EAGER
 * RUN: FileCheck %s --check-prefix=ALL < %t.eager
 * RUN: %run-guest --platform=plain --mem 512M %t -- test plain | FileCheck %s --check-prefix=PLAIN
 * RUN: %run-guest --status=2 --platform=plain --append accept=never %t | FileCheck %s --check-prefix=BAD
 *
 * LAZY: memory: 2 MiB accepted in 1 units of 2M
 * LAZY: boot and stdio: 2 units
 * LAZY-NEXT: heap, 1 byte: 1 units
 * LAZY-NEXT: heap, 16 MiB: 8 units
 * LAZY-NEXT: heap, less: 0 units
 * LAZY-NEXT: heap, again: 0 units
 * LAZY-NEXT: one page: 0 units
 * LAZY-NEXT: all pages of a unit: 1 units
 * LAZY-NEXT: a unit: 1 units
 * LAZY-NEXT: a unit to share: 1 units
 * LAZY-NEXT: an idle call: 1 units
 * LAZY-NEXT: idle calls: {{2[2-4][0-9]}} units
 * LAZY-NEXT: the rest: 0 units
 * LAZY-NEXT: 4K pages too
 *
 * FIRST: pvalidate gpa=0x400000 size=0x1 validate=0x1 status=0x0 unchanged=0
 * FIRST: pvalidate gpa=0x{{[0-9a-f]+}} size=0x0 validate=0x1 status=0x0 unchanged=0
 *
 * EAGER: memory: {{4[89][0-9]|50[0-9]}} MiB accepted in {{2[45][0-9]}} units of 2M
 * EAGER: heap, 16 MiB: 0 units
 * EAGER: all pages of a unit: 0 units
 * EAGER: idle calls: 0 units
 * EAGER: 4K pages too
 * ALL: vmgexit code=0x80000010 {{.*}} entries={{2[0-9][0-9]}} private=
 *
 * PLAIN-NOT: accepted
 * PLAIN: heap, 16 MiB: 0 units
 * PLAIN: the rest: 0 units
 * BAD: accept="never": must be lazy or eager
 */
#include "kernel/workload.h"
#include "mm/accept.h"
#include "mm/heap.h"
#include "mm/phys.h"
#include "mm/visibility.h"

#include <stdio.h>

static unsigned long units_before;

static void report(const char *what)
{
	unsigned long units = accept_counts().units_2m;

	printf("%s: %lu units\n", what, units - units_before);
	units_before = units;
}

static int grow(const char *what, s64 bytes)
{
	void *start = heap_grow(bytes);

	report(what);
	return start == NULL;
}

static int alloc(const char *what, unsigned int count, unsigned int order)
{
	pa_t block;

	while (count--) {
		if (phys_alloc(order, &block))
			return 1;
	}
	report(what);
	return 0;
}

/* As for a device's buffers: to the host and back. */
static int share(pa_t unit)
{
	volatile unsigned char *byte = pa_ptr(unit);

	if (set_memory_decrypted(va(unit.value), PAGE_2M_SIZE / PAGE_SIZE))
		return 1;
	byte[PAGE_2M_SIZE - 1] = 1;
	return set_memory_encrypted(va(unit.value), PAGE_2M_SIZE / PAGE_SIZE);
}

static int workload(int argc, char **argv)
{
	pa_t page;

	(void)argc, (void)argv;
	printf("using memory\n"); /* stdio's buffer comes out of the heap now, not later */
	heap_grow((s64)(PAGE_2M_SIZE - (u64)heap_grow(0) % PAGE_2M_SIZE));
	report("boot and stdio");
	if (grow("heap, 1 byte", 1) || grow("heap, 16 MiB", 16 << 20) ||
	    grow("heap, less", -(16 << 20)) || grow("heap, again", 16 << 20))
		return 1;
	if (alloc("one page", 1, PHYS_ORDER_4K) ||
	    alloc("all pages of a unit", 512, PHYS_ORDER_4K) || alloc("a unit", 1, PHYS_ORDER_2M))
		return 1;
	if (phys_alloc(PHYS_ORDER_2M, &page) || share(page))
		return 1;
	report("a unit to share");
	accept_some();
	report("an idle call");
	while (accept_some())
		;
	report("idle calls");
	while (!phys_alloc(PHYS_ORDER_2M, &page) || !phys_alloc(PHYS_ORDER_4K, &page))
		;
	report("the rest");
	if (accept_counts().pages_4k)
		puts("4K pages too");
	return 0;
}

DEFINE_WORKLOAD("test", "counts what is accepted when", workload);
