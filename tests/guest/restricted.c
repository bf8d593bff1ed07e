/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restricted injection: what the host can only tell of by #HV is taken like what a processor
 * delivers. By --icount the timer fires at each instruction once: of an exception's way back, and
 * of a halt. An interrupt that is left lying in the page there would be a round without one, and
 * one that is taken just before HLT a sleep for ever.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --icount --monitor-option=features=restricted-injection \
 * RUN:   --trace=%t.trace --trace-events=vmgexit,inject %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE < %t.trace
 * CHECK: off: 0 of 2, on: 2 of 2, the higher first: yes
 * CHECK-NEXT: back from an exception: all came
 * CHECK-NEXT: halts: all came
 * CHECK-NEXT: NMIs: 3, none inside another
 * TRACE: vmgexit code=0x80000014 info1=0x1
 * TRACE: cpu0 inject vector=0x1c
 */
#include <stdio.h>

#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/irq.h"
#include "paravirt/pv_ops.h"

#define LOW  0x51
#define HIGH 0x91
#define NMI  0x400

static volatile int taken, in_nmi, nested;
static volatile unsigned int order[2];

static void count(struct trap_frame *frame)
{
	if (taken < 2)
		order[taken] = (unsigned int)frame->vector;
	taken++;
	apic_eoi();
}

static void send_nmi(void)
{
	pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_LOW), 4, 0x44000 | NMI);
}

static void take_nmi(struct trap_frame *frame)
{
	(void)frame;
	nested += in_nmi;
	in_nmi = 1;
	if (++taken < 3)
		send_nmi();
	for (int i = 0; i < 1000; i++)
		barrier();
	in_nmi = 0;
}

/* Nothing here is an exit, by which the host could say it again. */
static void wait(int n)
{
	for (long i = 0; taken < n && i < 100000; i++)
		barrier();
}

static void while_off(void)
{
	u64 flags = irq_save();
	int off;

	apic_self_ipi(LOW);
	apic_self_ipi(HIGH);
	wait(1);
	off = taken;
	irq_restore(flags);
	wait(2);
	printf("off: %d of 2, on: %d of 2, the higher first: %s\n", off, taken,
	       order[0] == HIGH ? "yes" : "no");
}

static void by_exception(u32 ticks)
{
	apic_timer_start(VEC_TIMER, ticks, false);
	(void)cpuid_raw(0x80000000, 0);
}

static void by_halt(u32 ticks)
{
	cli();
	apic_timer_start(VEC_TIMER, ticks, false);
	pv_halt();
}

/* So that it fires before, in, and after @what. */
static int sweep(const char *name, void (*what)(u32 ticks), u32 first, u32 end)
{
	int lost = 0;

	for (u32 ticks = first; ticks < end; ticks++) {
		taken = 0;
		what(ticks);
		wait(1);
		lost += taken != 1;
	}
	printf("%s: %s\n", name, lost ? "some did not" : "all came");
	return lost;
}

static int test(int argc, char **argv)
{
	int lost;

	(void)argc, (void)argv;
	irq_register(LOW, count);
	irq_register(HIGH, count);
	irq_register(VEC_TIMER, count);
	irq_register(VEC_NMI, take_nmi);
	while_off();
	lost = sweep("back from an exception", by_exception, 2000, 3200);
	lost += sweep("halts", by_halt, 1, 2000);
	taken = 0;
	send_nmi();
	wait(3);
	printf("NMIs: %d, %s inside another\n", taken, nested ? "some" : "none");
	return lost + nested;
}

DEFINE_WORKLOAD("test", "takes what a doorbell tells of", test);
