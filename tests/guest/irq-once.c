/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An interrupt comes once, and not again into its own handler, which has interrupts off: while the
 * boot processor takes the timer's, the other one switches a device's memory on and off, for which
 * QEMU stops all of them for a moment.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=2 %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --smp=2 %t | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=2 %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --smp=2 %t | FileCheck %s
 * CHECK: 200 interrupts, 0 into their own handler, the device switched many times
 */
#include <stdio.h>

#include "early/percpu.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define COUNT       200
#define TICKS       1000000 /* of the APIC's clock: 1 ms */
#define STAY        100000
#define ADDRESS     0xcf8
#define DATA        0xcfc
#define COMMAND     (0x1f << 11 | 2 << 8 | 4) /* of the disk controller, 1f.2: its register at 4 */
#define WITH_MEMORY BIT(1)

static u32 taken, nested, switched;
static bool inside;

static void handler(struct trap_frame *frame)
{
	(void)frame;
	if (READ_ONCE(inside))
		nested++;
	WRITE_ONCE(inside, true);
	for (long i = 0; i < STAY; i++)
		barrier();
	WRITE_ONCE(inside, false);
	WRITE_ONCE(taken, taken + 1);
	apic_eoi();
}

static void switch_device(void)
{
	while (READ_ONCE(taken) < COUNT) {
		pv_io_out(ADDRESS, 4, BIT(31) | COMMAND);
		pv_io_out(DATA, 2, switched++ % 2 ? WITH_MEMORY : 0);
	}
}

static void on_each(void *context)
{
	(void)context;
	if (cpu_index() == 1)
		switch_device();
	while (READ_ONCE(taken) < COUNT)
		barrier();
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	irq_register(VEC_TIMER, handler);
	apic_timer_start(VEC_TIMER, TICKS, true);
	smp_run(on_each, NULL);
	apic_timer_stop();
	printf("%d interrupts, %u into their own handler, the device switched %s\n", COUNT, nested,
	       switched > 200 ? "many times" : "seldom");
	return nested != 0;
}

DEFINE_WORKLOAD("test", "interrupts come once", test);
