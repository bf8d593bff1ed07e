/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processors with nothing to do accept all memory in the background, each unit once; and all
 * processors together take all memory, in pieces, in units and from the heap, while some accept
 * ahead: nothing is accepted twice or used before (which the monitor names), nothing is handed out
 * twice, and what is written stays.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --smp=3 --mem 128M --trace=%t.trace %t -- test idle \
 * RUN:   | FileCheck %s --check-prefix=IDLE
 * RUN: FileCheck %s --check-prefix=SNP < %t.trace
 * RUN: %run-guest --platform=tdx --smp=3 --mem 128M --trace=%t.trace %t -- test idle \
 * RUN:   | FileCheck %s --check-prefix=IDLE
 * RUN: FileCheck %s --check-prefix=TDX < %t.trace
 * RUN: %run-guest --platform=plain --smp=4 --mem 64M %t | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=4 --mem 64M %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --smp=4 --mem 64M --monitor-option=inject=tdx-busy:3 %t \
 * RUN:   | FileCheck %s
 *
 * IDLE: all units accepted while this processor waited
 * SNP: cpu{{[12]}} pvalidate gpa=0x{{[0-9a-f]+}} size=0x1 validate=0x1 status=0x0 unchanged=0
 * TDX: cpu{{[12]}} tdcall leaf=0x6 {{.*}} status=0x0
 * CHECK: all taken, by all; 0 wrong
 */
#include "early/memory_map.h"
#include "early/percpu.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/spinlock.h"
#include "mm/accept.h"
#include "mm/heap.h"
#include "mm/mm.h"
#include "mm/page_states.h"
#include "mm/phys.h"

#include <stdio.h>

#define HEAP_PIECE (16 * PAGE_SIZE)
#define ORDER_PART 4

/* At the start of each block, and in each of its other pages as a mark. */
struct block {
	struct block *next;
	u64 pages;
	u64 mark;
};

static struct owner {
	struct block *blocks;
	u64 count;
} owners[CPU_MAX];

static u64 whole_units(void)
{
	u64 units = 0;

	for (u64 unit = 0; unit < page_states_limit(); unit++)
		units += memory_map_is(unit * PAGE_2M_SIZE, PAGE_2M_SIZE, MEMORY_RAM);
	return units;
}

static int idle(void)
{
	u64 all = whole_units();

	while (accept_counts().units_2m < all)
		spin_poll();
	printf("all units accepted while this processor waited\n");
	while (accept_some())
		;
	return accept_counts().units_2m != all;
}

static u64 *mark_of(struct block *b, u64 page)
{
	return &((struct block *)((u64)b + page * PAGE_SIZE))->mark;
}

static void take(void *memory, u64 pages)
{
	struct owner *own = &owners[cpu_index()];
	struct block *b = memory;

	*b = (struct block){ .next = own->blocks, .pages = pages };
	own->blocks = b;
	own->count += pages;
	for (u64 page = 0; page < pages; page++)
		*mark_of(b, page) = (u64)b + page * PAGE_SIZE + cpu_index();
}

static bool take_some(unsigned int kind)
{
	unsigned int order = kind ? ORDER_PART : PHYS_ORDER_2M;
	void *memory;
	pa_t block;

	if (kind == 2) {
		memory = heap_grow(HEAP_PIECE);
		if (memory)
			take(memory, HEAP_PIECE / PAGE_SIZE);
		return memory;
	}
	if (phys_alloc(order, &block))
		return false;
	take(pa_ptr(block), (u64)1 << order);
	return true;
}

/* All have something, before anybody has all. */
static void meet(void)
{
	static unsigned int count;

	__atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&count, __ATOMIC_SEQ_CST) < smp_count())
		spin_poll();
}

/* All begin with something else. */
static void take_all(void *context)
{
	unsigned int failed = 0;

	(void)context;
	take_some(cpu_index() % 3);
	meet();
	for (unsigned int i = cpu_index() + 1; failed < 3; i++) {
		failed = take_some(i % 3) ? 0 : failed + 1;
		if (cpu_index() & 1)
			accept_some();
	}
}

static u64 count_wrong(unsigned int cpu)
{
	u64 wrong = 0;

	for (struct block *b = owners[cpu].blocks; b; b = b->next)
		for (u64 page = 0; page < b->pages; page++)
			wrong += *mark_of(b, page) != (u64)b + page * PAGE_SIZE + cpu;
	return wrong;
}

static int race(void)
{
	u64 taken = 0, wrong = 0;
	bool by_all = true;

	printf("\n"); /* stdio's buffer comes out of the heap now, not later */
	heap_grow((s64)(PAGE_SIZE - (u64)heap_grow(0) % PAGE_SIZE));
	smp_run(take_all, NULL);
	for (unsigned int cpu = 0; cpu < smp_count(); cpu++) {
		taken += owners[cpu].count;
		by_all &= owners[cpu].count > 0;
		wrong += count_wrong(cpu);
	}
	/* Metadata, page tables and stacks have the rest, and what makes no whole piece. */
	printf("%s taken, by %s; %llu wrong\n",
	       mm_ram_size() / PAGE_SIZE - taken < 1024 ? "all" : "some", by_all ? "all" : "some",
	       (unsigned long long)wrong);
	return wrong != 0;
}

static int test(int argc, char **argv)
{
	(void)argv;
	return argc > 1 ? idle() : race();
}

DEFINE_WORKLOAD("test", "memory for all processors at once", test);
