/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD that sleeps with interrupts off and tells its host that they are not blocked, as it must to
 * have no window between: wakes by an interrupt, and takes it once it lets it in, and only then.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 * CHECK: slept until the timer, interrupts before sti: 0, after: 1
 * CHECK: again: 1 more
 */
#include <stdio.h>

#include "kernel/apic.h"
#include "kernel/time.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/tdx.h"

#define TIMER_TICKS 250000 /* of 25 MHz: 10 ms */
#define SLEEP_NS    5000000

static volatile int taken;

static void tick(struct trap_frame *frame)
{
	(void)frame;
	taken++;
	apic_eoi();
}

static u64 sleep(void)
{
	u64 start = rdtsc();

	cli();
	apic_timer_start(VEC_TIMER, TIMER_TICKS, false);
	tdx_hlt(false);
	return time_tsc_to_ns(rdtsc() - start);
}

/* Some instructions later, where the shadow of STI is over on every processor. */
static void let_in(void)
{
	sti();
	for (int i = 0; i < 100; i++)
		cpu_relax();
}

static int test(int argc, char **argv)
{
	int before;
	u64 ns;

	(void)argc, (void)argv;
	time_tsc_khz();
	irq_register(VEC_TIMER, tick);
	ns = sleep();
	before = taken;
	let_in();
	printf("slept %s, interrupts before sti: %d, after: %d\n",
	       ns > SLEEP_NS ? "until the timer" : "too short", before, taken);
	sleep();
	taken = 0;
	let_in();
	printf("again: %d more\n", taken);
	return 0;
}

DEFINE_WORKLOAD("test", "sleeps with interrupts off", test);
