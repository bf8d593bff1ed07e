/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest whose timer's ticks are traced more slowly than they come gets on all the same, and its
 * transcript is whole and in order: what waited for the console went out in the end. Ticks come
 * all the time, and each one that it took is in the transcript.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --trace=%t.trace %t | FileCheck %s
 * RUN: awk '$1 == "#" { exit n < 1000 } $1 != NR { exit 1 } / irq vector=0x40$/ { n++ }' %t.trace
 * RUN: tail -n 2 %t.trace | FileCheck %s --check-prefix=TRACE
 * RUN: %run-guest --platform=snp --smp=2 --trace=%t.two %t | FileCheck %s
 * RUN: awk '$1 == "#" { exit n < 1000 } $1 != NR { exit 1 } / irq vector=0x40$/ { n++ }' %t.two
 * CHECK: it got on, by {{[1-9][0-9][0-9][0-9]+}} ticks
 * CHECK: exit status 0
 * TRACE: cpu0 vmgexit code=0x7b {{.*}}port=0xf4
 * TRACE-NEXT: {{^}}# total
 */
#include <stdio.h>

#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"

#define TICK   100000 /* ns: what the console takes for one line */
#define TICKS  1000
#define ROUNDS 100000000 /* of its own work meanwhile */

static volatile unsigned int ticks;

static void tick(struct trap_frame *frame)
{
	(void)frame;
	ticks++;
	apic_eoi();
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	irq_register(VEC_TIMER, tick);
	apic_timer_start(VEC_TIMER, TICK, true);
	for (long i = 0; i < ROUNDS || ticks < TICKS; i++)
		barrier();
	apic_timer_stop();
	printf("it got on, by %u ticks\n", ticks);
	return 0;
}

DEFINE_WORKLOAD("test", "works while its timer ticks", test);
