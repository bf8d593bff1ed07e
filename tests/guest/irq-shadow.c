/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An interrupt that comes right behind STI, or behind a load of SS, is taken one instruction later:
 * the idle loop of every kernel, `sti; hlt`, would else sleep through what it waits for. The timer
 * runs out at each instruction of the sequence in turn, which takes counted instructions.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate --icount %t | FileCheck %s
 * RUN: %run-guest --platform=snp --icount %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --icount %t | FileCheck %s
 * CHECK: in the shadow of sti: 0 of {{[1-9]}}
 * CHECK-NEXT: in the shadow of mov ss: 0 of {{[1-9]}}
 */
#include <stdio.h>

#include "kernel/apic.h"
#include "kernel/time.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "lib/trap_frame.h"

#define FIRST 1
#define LAST  600

static volatile u64 at; /* RIP of the last one */

static void tick(struct trap_frame *frame)
{
	at = frame->rip;
	apic_eoi();
}

/* Whether the timer came where it may not: right behind STI. */
static bool is_hit_sti(u32 ticks)
{
	u64 after;

	cli();
	at = 0;
	apic_timer_start(VEC_TIMER, ticks, false);
	__asm__ volatile("lea 1f(%%rip), %0\n\t"
			 "nop; nop; nop; nop; nop; nop; nop; nop\n\t"
			 "sti\n"
			 "1:\thlt\n"
			 "cli"
			 : "=r"(after));
	return at == after;
}

static bool is_hit_ss(u32 ticks)
{
	u64 after;

	cli();
	at = 0;
	apic_timer_start(VEC_TIMER, ticks, false);
	__asm__ volatile("mov %%ss, %%ecx\n\t"
			 "lea 1f(%%rip), %0\n\t"
			 "sti\n\t"
			 "nop; nop; nop; nop; nop; nop; nop; nop\n\t"
			 "mov %%ecx, %%ss\n"
			 "1:\tnop\n\t"
			 "nop; nop; nop; nop; nop; nop; nop; nop\n\t"
			 "cli"
			 : "=r"(after)
			 :
			 : "ecx");
	while (!at) /* not by PAUSE: behind STI, QEMU has it hand the shadow on */
		__asm__ volatile("sti; nop; nop; cli");
	return at == after;
}

/* From a time that is over before the sequence to one that is not over behind it. */
static void scan(const char *what, bool (*is_hit)(u32 ticks))
{
	int hits = 0;

	for (u32 ticks = FIRST; ticks < LAST; ticks++)
		hits += is_hit(ticks);
	printf("in the shadow of %s: %d of %d\n", what, hits, LAST - FIRST);
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	irq_register(VEC_TIMER, tick);
	scan("sti", is_hit_sti);
	scan("mov ss", is_hit_ss);
	return 0;
}

DEFINE_WORKLOAD("test", "interrupt shadows", test);
