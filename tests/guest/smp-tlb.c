/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a change of the page tables has returned, no processor translates as before: an address that
 * all keep reading is mapped to one page after the other.
 * RUN: %guest-cc %s -o %t && %run-guest --platform=plain --smp=4 %t | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=4 %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --boot=direct --smp=4 %t | FileCheck %s
 * CHECK: processors: 4 of 4 run
 * CHECK: 50 changes, 0 stale reads
 */
#include <stdio.h>

#include "early/percpu.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/spinlock.h"
#include "mm/mm.h"
#include "mm/phys.h"
#include "mm/tables.h"

#define WINDOW  U64_C(0x200000000000)
#define CHANGES 50

static pa_t pages[2];
static u32 turn;  /* which change is in force */
static u32 seen;  /* set bits: who has read under it */
static u32 stale; /* reads of what was there before */

static int map(unsigned int which)
{
	int error = tables_lock();

	if (error)
		return error;
	pgtable_must(pgtable_unmap(mm_pgtable(), va(WINDOW), PAGE_SIZE));
	pgtable_must(pgtable_map(mm_pgtable(), va(WINDOW), pages[which], PAGE_SIZE, PGTABLE_W));
	tables_unlock();
	return 0;
}

static void read_one(u32 change)
{
	const u64 *word = va_ptr(va(WINDOW));

	if (READ_ONCE(*word) != change % 2)
		__atomic_add_fetch(&stale, 1, __ATOMIC_SEQ_CST);
	__atomic_or_fetch(&seen, (u32)BIT(cpu_index()), __ATOMIC_SEQ_CST);
}

static void reader(void)
{
	u32 done = 0, now;

	while (done < CHANGES) {
		now = __atomic_load_n(&turn, __ATOMIC_SEQ_CST);
		if (now == done)
			spin_poll();
		else
			read_one(now);
		done = now;
	}
}

static void writer(void)
{
	for (u32 change = 1; change <= CHANGES; change++) {
		if (map(change % 2))
			return;
		__atomic_store_n(&seen, 0, __ATOMIC_SEQ_CST);
		__atomic_store_n(&turn, change, __ATOMIC_SEQ_CST);
		read_one(change);
		while (__atomic_load_n(&seen, __ATOMIC_SEQ_CST) != bits_mask(smp_count()))
			spin_poll();
	}
}

static void run(void *context)
{
	(void)context;
	if (cpu_index())
		reader();
	else
		writer();
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	for (unsigned int i = 0; i < 2; i++) {
		if (phys_alloc(PHYS_ORDER_4K, &pages[i]))
			return 1;
		*(u64 *)pa_ptr(pages[i]) = i;
	}
	smp_run(run, NULL);
	printf("%u changes, %u stale reads\n", turn, stale);
	return 0;
}

DEFINE_WORKLOAD("test", "remapping, seen by all", test);
