/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processors that accept at once: each unit is accepted by one of them, others go on meanwhile with
 * other units, and nobody's call returns before all of what it asked for is there.
 * RUN: %unit-cc %s %root/lib/spinlock.c -iquote %S/Inputs/mm -o %t
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "../../early/memory_map.c"
#include "../../mm/accept.c"
#include "../../mm/heap.c"
#include "../../mm/page_states.c"
#include "Inputs/mm-fake.h"

#define M2      ((u64)PAGE_2M_SIZE)
#define UNITS   256
#define THREADS 4
#define ROUNDS  30
#define TRIES   100000

static _Thread_local u32 number;
static u32 mapped[UNITS], accepted_by[UNITS];
static unsigned int inside, inside_max;
static _Alignas(4096) unsigned char metadata[36 * 4096];

const char __image_start[1], __image_end[1];

bool cc_has(enum cc_attr attr) { return attr == CC_PAGE_STATES; }
noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	(void)fmt;
	panic("terminated: %u", reason);
}

static void poll(void) { sched_yield(); }

void tables_map_ram(u64 from, u64 to)
{
	for (u64 i = from / M2; i < to / M2; i++)
		assert(!__atomic_fetch_add(&mapped[i], 1, __ATOMIC_SEQ_CST));
}

/* Until somebody else is here too, once. */
static void meet(void)
{
	unsigned int count = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);

	for (int i = 0; i < TRIES && READ_ONCE(inside_max) < 2 && READ_ONCE(inside) < 2; i++)
		sched_yield();
	if (count > READ_ONCE(inside_max))
		WRITE_ONCE(inside_max, count);
}

int pv_accept_memory(pa_t start, u64 size)
{
	assert(is_aligned(start.value | size, M2));
	meet();
	for (u64 i = start.value / M2; i < (start.value + size) / M2; i++) {
		assert(__atomic_load_n(&mapped[i], __ATOMIC_SEQ_CST) == 1);
		sched_yield();
		assert(!__atomic_exchange_n(&accepted_by[i], number + 1, __ATOMIC_SEQ_CST));
	}
	__atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static bool is_there(u64 unit)
{
	return __atomic_load_n(&accepted_by[unit], __ATOMIC_SEQ_CST) || !unit || unit == 100;
}

/* Overlapping ranges, all over the place, and what an idle processor does. */
static void *run(void *context)
{
	u64 seed = number = (u32)(uintptr_t)context;

	for (int i = 0; i < 40; i++) {
		u64 first, count;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		first = (seed >> 33) % UNITS;
		count = (seed >> 20) % 9 + 1;
		if (first + count > UNITS)
			count = UNITS - first;
		accept_range(pa(first * M2), count * M2);
		while (count--)
			assert(is_there(first + count));
		accept_some();
	}
	while (accept_some())
		;
	return NULL;
}

static void once(void)
{
	pthread_t threads[THREADS];

	memset(mapped, 0, sizeof(mapped));
	memset(accepted_by, 0, sizeof(accepted_by));
	counts = (struct accept_counts){ 0 };
	memory_map = (struct memory_map){
		.count = 2,
		.ranges = { { M2, 99 * M2, MEMORY_RAM, false, "test" },
			    { 101 * M2, (UNITS - 101) * M2, MEMORY_RAM, false, "test" } },
	};
	some_next = 0;
	page_states_init(metadata, UNITS * M2);
	unit_set_state(0, UNIT_ACCEPTED); /* no RAM: nobody asks for them */
	unit_set_state(100, UNIT_ACCEPTED);
	for (uintptr_t i = 0; i < THREADS; i++)
		assert(!pthread_create(&threads[i], NULL, run, (void *)i));
	for (int i = 0; i < THREADS; i++)
		assert(!pthread_join(threads[i], NULL));
	for (u64 i = 0; i < UNITS; i++)
		assert(mapped[i] == (i != 0 && i != 100) && is_there(i));
	assert(counts.units_2m == UNITS - 2 && counts.bytes == (UNITS - 2) * M2);
	for (u64 i = 0; i < UNITS; i++)
		assert(unit_state(i) == UNIT_ACCEPTED);
}

int main(void)
{
	spin_set_poll(poll);
	for (int i = 0; i < ROUNDS; i++)
		once();
	assert(inside_max > 1);
	return 0;
}
