/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD's x2APIC refuses what SDM3 11.12 says, by #GP where the processor does it and by the host's
 * error where the host does; a destination has 32 bits, and 256 names nobody.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx --smp=2 %t | FileCheck %s
 * CHECK: by the processor: EOI 0 0x10d, TPR 0 0x10d, self IPI 0 0x10d
 * CHECK-NEXT: read: EOI 0x10d, 0x804 0x10d, self IPI 0x10d
 * CHECK-NEXT: by the host: SVR 0 -1, ESR 0 -1, timer 0 -1, divide 0 -1, ICR -1
 * CHECK-NEXT: read: 0x804 -1, 0x82f -1, logical id 0x1
 * CHECK-NEXT: to id 0x100: 0, to id 0: 1, to all: 3, to cluster 1: 3, to logical 1: 4
 */
#include <stdio.h>

#include "abi/tdx.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define VECTOR  0x51
#define LOGICAL 0x800
#define WAIT    1000000

static volatile int taken;

static void take(struct trap_frame *frame)
{
	(void)frame;
	__atomic_fetch_add(&taken, 1, __ATOMIC_SEQ_CST);
	apic_eoi();
}

static int raw(u32 offset, u64 value) { return wrmsr_safe(X2APIC_MSR(offset), value); }

static int raw_read(u32 offset)
{
	u64 value;

	return rdmsr_safe(X2APIC_MSR(offset), &value);
}

static int host(u32 offset, u64 value) { return pv_msr_write(X2APIC_MSR(offset), value) ? -1 : 0; }

static int host_read(u32 offset)
{
	u64 value;

	return pv_msr_read(X2APIC_MSR(offset), &value) ? -1 : 0;
}

static int sent_to(u32 dest, u32 low)
{
	(void)!pv_msr_write(X2APIC_MSR(APIC_ICR_LOW), (u64)dest << 32 | low | VECTOR);
	for (int i = 0; i < WAIT; i++)
		cpu_relax();
	return taken;
}

static int test(int argc, char **argv)
{
	u64 logical = 0;

	(void)argc, (void)argv;
	irq_register(VECTOR, take);
	printf("by the processor: EOI %#x %#x, TPR %#x %#x, ", raw(APIC_EOI, 0), raw(APIC_EOI, 1),
	       raw(APIC_TPR, 0), raw(APIC_TPR, 0x100));
	printf("self IPI %#x %#x\n", raw(APIC_SELF_IPI, VECTOR), raw(APIC_SELF_IPI, 0x100));
	printf("read: EOI %#x, 0x804 %#x, self IPI %#x\n", raw_read(APIC_EOI), raw_read(0x40),
	       raw_read(APIC_SELF_IPI));
	printf("by the host: SVR %d %d, ESR %d %d, ", host(APIC_SVR, 0x1ff), host(APIC_SVR, 0x11ff),
	       host(APIC_ESR, 0), host(APIC_ESR, 1));
	printf("timer %d %d, divide %d %d, ICR %d\n", host(APIC_LVT_TIMER, 0x10040),
	       host(APIC_LVT_TIMER, 0x40040), host(APIC_TIMER_DIVIDE, 0xb),
	       host(APIC_TIMER_DIVIDE, 0x4), host(APIC_ICR_LOW, 0x102000));
	(void)!pv_msr_read(X2APIC_MSR(APIC_LDR), &logical);
	printf("read: 0x804 %d, 0x82f %d, logical id %#lx\n", host_read(0x40), host_read(0x2f0),
	       logical);
	taken = 0;
	printf("to id 0x100: %d, ", sent_to(0x100, 0));
	printf("to id 0: %d, ", sent_to(0, 0));
	printf("to all: %d, ", sent_to(0xffffffff, 0));
	printf("to cluster 1: %d, ", sent_to(0x10001, LOGICAL));
	printf("to logical 1: %d\n", sent_to(1, LOGICAL));
	return 0;
}

DEFINE_WORKLOAD("test", "what an x2APIC refuses", test);
