/* SPDX-License-Identifier: Apache-2.0 */
/*
 * APIC_BASE switches the local APIC off, which CPUID then says, and on again, as after a reset: its
 * interrupts come as before. It can be neither moved nor given x2APIC mode. Off, it has none of its
 * registers in memory, and writes reach nobody; on, its TPR is CR8 at once.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s --check-prefixes=CHECK,ALONE
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=2 %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s --check-prefixes=CHECK,ALONE
 * CHECK: moved: refused, x2APIC: refused
 * ALONE-NEXT: off, version 0xffffffff, CR8 0x5 for 5
 * CHECK: off: 0xfee00100, CPUID: none none, SVR when on: 0xff
 * CHECK-NEXT: on: 0xfee00900, CPUID: there there
 * CHECK-NEXT: TPR by CR8: 0x50, what it holds back: 0, then 1
 * CHECK-NEXT: interrupts: 3
 */
#include <stdio.h>

#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define VECTOR     0x51
#define CPUID_APIC BIT(9)

static volatile int taken;

static void take(struct trap_frame *frame)
{
	(void)frame;
	taken++;
	apic_eoi();
}

static const char *apic_of(u32 leaf)
{
	return cpuid_raw(leaf, 0).edx & CPUID_APIC ? "there" : "none";
}

static void wait_for(int count)
{
	for (long i = 0; taken < count && i < 100000000; i++)
		cpu_relax();
}

static const char *refused(u64 value)
{
	return wrmsr_safe(MSR_APIC_BASE, value) ? "refused" : "taken";
}

/* By plain instructions: of a load the host sees nothing. */
static volatile u32 *at(u32 offset) { return (u32 *)(u64)(APIC_BASE_DEFAULT + offset); }

static void show_off(void)
{
	*at(APIC_SVR) = 0x1ff;
	write_cr8(5);
	printf("off, version %#x, CR8 %#lx for 5\n", *at(APIC_VERSION), read_cr8());
	write_cr8(0);
}

static void show_tpr(void)
{
	u32 tpr;
	int before;

	cli();
	(void)*at(APIC_TPR);
	write_cr8(5);
	tpr = *at(APIC_TPR);
	sti();
	apic_self_ipi(VECTOR);
	taken = 0;
	for (long i = 0; i < 100000; i++)
		__asm__ volatile("" : : : "memory");
	before = taken;
	write_cr8(0);
	for (long i = 0; taken < 1 && i < 100000000; i++)
		__asm__ volatile("" : : : "memory");
	printf("TPR by CR8: %#x, what it holds back: %d, then %d\n", tpr, before, taken);
}

static int test(int argc, char **argv)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	(void)argc, (void)argv;
	irq_register(VECTOR, take);
	apic_self_ipi(VECTOR);
	wait_for(1);
	printf("moved: %s, ", refused(base + PAGE_SIZE));
	printf("x2APIC: %s\n", refused(base | BIT(10)));
	wrmsr(MSR_APIC_BASE, base & ~(u64)APIC_BASE_ENABLE);
	show_off();
	printf("off: %#lx, CPUID: %s %s, ", rdmsr(MSR_APIC_BASE), apic_of(1), apic_of(0x80000001));
	wrmsr(MSR_APIC_BASE, base);
	printf("SVR when on: %#lx\n",
	       (unsigned long)pv_mmio_read(pa(APIC_BASE_DEFAULT + APIC_SVR), 4));
	printf("on: %#lx, CPUID: %s %s\n", rdmsr(MSR_APIC_BASE), apic_of(1), apic_of(0x80000001));
	apic_init_cpu();
	show_tpr();
	taken = 1;
	apic_self_ipi(VECTOR);
	wait_for(2);
	apic_timer_start(VECTOR, 1000, false);
	wait_for(3);
	printf("interrupts: %d\n", taken);
	return 0;
}

DEFINE_WORKLOAD("test", "switches its APIC off and on", test);
