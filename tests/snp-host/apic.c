/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host with two processors. An INIT beside the registers, where QEMU's local APIC takes it for a
 * command or a device's message, stops none of the monitor's processors; nor does one, or an SMI,
 * by the local vector table, the I/O APIC or the HPET; and the registers' page does not move.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: env SMP=2 %S/Inputs/run %build %t | FileCheck %s
 * CHECK: processors: 2 of 2 run
 * CHECK: an INIT or SMI of the I/O APIC, the HPET, a local vector stays undone
 * CHECK-NEXT: both run on
 * CHECK: QEMU's status 33
 */
#include <stdio.h>

#include "early/percpu.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "paravirt/pv_ops.h"

#define INIT   0x4500
#define SMI    0x4200
#define ALL    0x80000
#define MASKED 0x10000

#define IOAPIC     0xfec00000
#define TIMER_LOW  0x14 /* entry 2, where the interval timer's interrupts arrive */
#define HPET       0xfed00000
#define HPET_TIMER 0x100
#define HPET_FSB   0x4000

static u32 ran;

static void apic_write(u64 offset, u32 value)
{
	pv_mmio_write(pa(APIC_BASE_DEFAULT + offset), 4, value);
}

static void run(void *context)
{
	(void)context;
	__atomic_or_fetch(&ran, 1u << cpu_index(), __ATOMIC_SEQ_CST);
}

static u32 apic_read(u64 offset) { return *(volatile u32 *)(APIC_BASE_DEFAULT + offset); }

static bool is_undone(void)
{
	volatile u32 *ioapic = mmio_map(pa(IOAPIC), PAGE_SIZE);
	volatile u32 *hpet = mmio_map(pa(HPET), PAGE_SIZE);

	u32 timer;

	if (!ioapic || !hpet)
		return false;
	timer = hpet[HPET_TIMER / 4];
	ioapic[0] = TIMER_LOW;
	ioapic[4] = INIT; /* at the next tick */
	hpet[HPET_TIMER / 4] = timer | HPET_FSB;
	apic_write(APIC_LVT_LINT1, SMI);
	apic_write(APIC_ICR_LOW, SMI | ALL);
	return ioapic[4] & MASKED && !(hpet[HPET_TIMER / 4] & HPET_FSB) &&
	       apic_read(APIC_LVT_LINT1) & MASKED &&
	       wrmsr_safe(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) + PAGE_SIZE);
}

static int workload(int argc, char **argv)
{
	(void)argc, (void)argv;
	if (!is_undone())
		return 1;
	printf("an INIT or SMI of the I/O APIC, the HPET, a local vector stays undone\n");
	apic_write(APIC_ICR_HIGH, 1 << 24);
	apic_write(APIC_ICR_LOW + 4, INIT);
	apic_write(0, INIT);
	smp_run(run, NULL);
	if (ran == 3)
		printf("both run on\n");
	return ran != 3;
}

DEFINE_WORKLOAD("test", "has interrupt controllers to itself", workload);
