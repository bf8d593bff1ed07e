/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts come, one by one and from the timer, also while #VC and GHCB requests are under way
 * at every depth: what was asked for still comes back right. By --icount, since on a busy host a
 * timer of wall-clock time can fire again before its handler is through.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --icount %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --icount %t | FileCheck %s
 * RUN: %run-guest --platform=snp --icount %t | FileCheck %s
 * RUN: %run-guest --platform=snp --monitor-option=features=restricted-injection --icount %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --icount %t | FileCheck %s
 *
 * CHECK: self IPI: 1, vector 0x51
 * CHECK-NEXT: one shot: 1
 * CHECK-NEXT: halt until: ok
 * CHECK-NEXT: in requests: ok
 * CHECK-NEXT: stopped: ok
 */
#include <stdio.h>

#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define IPI_VECTOR 0x51
#define LEAF       0x80000008

static volatile int taken;
static volatile unsigned int last_vector;
static struct cpuid_regs expected;
static volatile int wrong;

static void count(struct trap_frame *frame)
{
	taken++;
	last_vector = (unsigned int)frame->vector;
	apic_eoi();
}

static bool is_expected(struct cpuid_regs r)
{
	return r.eax == expected.eax && r.ebx == expected.ebx && r.ecx == expected.ecx &&
	       r.edx == expected.edx;
}

/* A handler that makes exits of its own, as instructions and as requests. */
static void busy(struct trap_frame *frame)
{
	count(frame);
	if (!is_expected(cpuid_raw(LEAF, 0)))
		wrong++;
	pv_io_out(0x80, 1, 0x55);
	outb(0x80, 0xaa);
}

static void wait_for(int n)
{
	for (long i = 0; taken < n && i < 1000000000; i++)
		cpu_relax();
}

static void requests(void)
{
	expected = cpuid_raw(LEAF, 0);
	taken = 0;
	irq_register(VEC_TIMER, busy);
	apic_timer_start(VEC_TIMER, 50000, true);
	for (int i = 0; (i < 3000 || taken < 20) && i < 10000000 && !wrong; i++) {
		wrong += !is_expected(cpuid_raw(LEAF, 0));
		wrong += (u8)pv_io_in(PORT_COM1 + 3, 1) != inb(PORT_COM1 + 3);
	}
	apic_timer_stop();
	printf("in requests: %s\n", wrong ? "wrong" : taken < 10 ? "too few" : "ok");
}

static int test(int argc, char **argv)
{
	int before;

	(void)argc, (void)argv;
	irq_register(IPI_VECTOR, count);
	irq_register(VEC_TIMER, count);
	apic_self_ipi(IPI_VECTOR);
	wait_for(1);
	printf("self IPI: %d, vector %#x\n", taken, last_vector);
	taken = 0;
	apic_timer_start(VEC_TIMER, 100000, false);
	wait_for(1);
	printf("one shot: %d\n", taken);
	taken = 0;
	apic_timer_start(VEC_TIMER, 1000000, true);
	cli();
	while (taken < 3)
		pv_halt();
	apic_timer_stop();
	printf("halt until: ok\n");
	requests();
	before = taken;
	for (long i = 0; i < 3000000; i++)
		barrier();
	printf("stopped: %s\n", taken <= before + 1 ? "ok" : "no");
	return wrong != 0;
}

DEFINE_WORKLOAD("test", "takes interrupts", test);
