/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that touches addresses 2M apart, far more than the monitor has nested page tables for,
 * costs itself faults and nobody else anything: it and its other processor, which reads memory all
 * the while, go on, and find there what they wrote.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --smp=2 %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 *
 * CHECK: 1500 places, twice; 0 words changed
 */
#include <stdio.h>

#include "early/percpu.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/tables.h"

#define NOWHERE (U64_C(64) << 30)
#define PLACES  1500
#define PAGES   64
#define WORDS   (PAGES * PAGE_SIZE / sizeof(u64))

static u64 words[WORDS] __aligned_page;
static u64 changed;
static bool done;

static void look(void)
{
	for (u64 i = 0; i < WORDS; i += 8)
		if (READ_ONCE(words[i]) != ~i)
			__atomic_fetch_add(&changed, 1, __ATOMIC_RELAXED);
}

/* By hand: the memory map has no room for so many devices. */
static void map_all(void)
{
	for (u64 i = 0; i < PLACES; i++)
		pgtable_must(pgtable_map(mm_pgtable(), va(NOWHERE + i * PAGE_2M_SIZE),
					 pa(NOWHERE + i * PAGE_2M_SIZE), PAGE_SIZE,
					 PGTABLE_W | PGTABLE_SHARED | PGTABLE_UNCACHED));
}

static void touch_all(void)
{
	for (u64 i = 0; i < PLACES; i++) {
		(void)*(const volatile u8 *)pa_ptr(pa(NOWHERE + i * PAGE_2M_SIZE));
		if (i % 100 == 0)
			look();
	}
}

static void run(void *unused)
{
	(void)unused;
	if (cpu_index() == 0) {
		map_all();
		touch_all();
		touch_all();
		__atomic_store_n(&done, true, __ATOMIC_SEQ_CST);
	}
	do
		look();
	while (!__atomic_load_n(&done, __ATOMIC_SEQ_CST));
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	for (u64 i = 0; i < WORDS; i++)
		words[i] = ~i;
	smp_run(run, NULL);
	printf("%u places, twice; %lu words changed\n", PLACES, changed);
	return 0;
}

DEFINE_WORKLOAD("test", "addresses far apart", test);
