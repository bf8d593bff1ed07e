/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who waits for a lock, or for memory that another processor accepts, waits for as long as that one
 * shows that it runs; one that does not any more, as a host may have it, ends the guest.
 * The guest is less patient here than it is.
 * RUN: sed 's/(20000000000)/(50000000)/; s/(400000000000)/(200000000)/; s/1 << 24/1 << 16/' \
 * RUN:   %root/kernel/patience.c > %t.patience.c
 * RUN: sed 's/ASK_LOOKS (1 << 20)/ASK_LOOKS (1 << 13)/' %root/kernel/smp.c > %t.smp.c
 * RUN: %guest-cc %s -o %t --replace=kernel/patience.c=%t.patience.c --replace=kernel/smp.c=%t.smp.c
 * RUN: %run-guest --status=3 --platform=snp --smp=2 %t -- test lock | FileCheck %s
 * RUN: %run-guest --status=3 --platform=tdx --smp=2 %t -- test memory | FileCheck %s
 *
 * CHECK: had, in the end
 * CHECK-NEXT: postern: processor 1 gives no sign of life: waiting
 * CHECK-NEXT: postern: processor 1 gives no sign of life (reason 16)
 */
#include <stdio.h>

#include "early/memory_map.h"
#include "kernel/smp.h"
#include "kernel/smp_state.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/accept.h"
#include "mm/page_states.h"

#define SIGNS 30

static struct spinlock lock;
static bool is_lock, is_silent, is_had;
static u64 unit; /* of RAM that nobody has */

/* Until it was asked often enough that it would have been given up. */
static void have_it(void)
{
	u32 first;

	if (is_lock)
		spin_lock(&lock);
	first = READ_ONCE(smp_cpus[1].wakes);
	__atomic_store_n(&is_had, true, __ATOMIC_RELEASE);
	if (is_silent)
		cli();
	while (is_silent || READ_ONCE(smp_cpus[1].wakes) - first < SIGNS)
		cpu_relax();
	if (is_lock) {
		spin_unlock(&lock);
		return;
	}
	page_states_lock();
	unit_set_state(unit, PAGE_GIVEN);
	page_states_unlock();
}

static void run(void *context)
{
	(void)context;
	if (cpu_index()) {
		have_it();
		return;
	}
	while (!__atomic_load_n(&is_had, __ATOMIC_ACQUIRE))
		spin_poll();
	is_had = false;
	if (is_lock)
		spin_lock(&lock);
	else
		accept_range(pa(unit * PAGE_2M_SIZE), PAGE_2M_SIZE);
	if (is_lock)
		spin_unlock(&lock);
	printf("had, in the end\n");
}

/* One that this processor's idle neighbour has not accepted, nor will; as if it were at it. */
static u64 take_unit(void)
{
	u64 at = 1;

	page_states_lock();
	while (unit_state(at) != PAGE_GIVEN ||
	       !memory_map_is(at * PAGE_2M_SIZE, PAGE_2M_SIZE, MEMORY_RAM))
		at++;
	unit_set_state(at, UNIT_ACCEPTING);
	page_states_unlock();
	return at;
}

static int test(int argc, char **argv)
{
	u64 next;

	is_lock = argc > 1 && argv[1][0] == 'l';
	printf("\n"); /* stdio's buffer comes out of the heap now */
	unit = take_unit();
	next = take_unit();
	smp_run(run, NULL);
	is_silent = true;
	unit = next;
	smp_run(run, NULL);
	return 1;
}

DEFINE_WORKLOAD("test", "waits for another processor", test);
