/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With interrupts=held an interrupt waits for the guest's IF in the processor's V_IRQ: it still
 * comes when the delivery of something else, an exception, was broken off meanwhile by a page that
 * its frame is the first to touch.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate --monitor-option=interrupts=held %t | FileCheck %s
 * RUN: %run-guest --platform=snp --monitor-option=interrupts=held %t | FileCheck %s
 * CHECK: with interrupts off: 0
 * CHECK-NEXT: with interrupts on: 1
 * CHECK-NEXT: once more: 2
 * CHECK: exit status 0
 */
#include <stdio.h>

#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "lib/panic.h"
#include "mm/phys.h"

#define VECTOR    0x51
#define NOT_THERE (U64_C(1) << 63) /* not canonical */

static volatile int taken;

static void take(struct trap_frame *frame)
{
	(void)frame;
	taken++;
	apic_eoi();
}

static u64 fault_with_stack(u64 stack)
{
	u64 fault = 0;

	__asm__ volatile("mov %%rsp, %%rbx\n\t"
			 "mov %1, %%rsp\n\t"
			 "1: mov (%2), %%ecx\n\t"
			 "2: mov %%rbx, %%rsp\n\t" EXTABLE("1b", "2b")
			 : "+a"(fault)
			 : "r"(stack), "r"(NOT_THERE)
			 : "rbx", "rcx", "memory");
	return fault;
}

static void wait_for(int count)
{
	for (long i = 0; taken < count && i < 1000000; i++)
		cpu_relax();
}

static int test(int argc, char **argv)
{
	u64 fault;
	pa_t block;

	(void)argc, (void)argv;
	irq_register(VECTOR, take);
	CHECK(!phys_alloc(PHYS_ORDER_2M, &block));
	cli();
	apic_self_ipi(VECTOR);
	fault = fault_with_stack(pa_to_va(block).value + PAGE_2M_SIZE);
	printf("with interrupts off: %d\n", taken);
	sti();
	wait_for(1);
	printf("with interrupts on: %d\n", taken);
	apic_self_ipi(VECTOR);
	wait_for(2);
	printf("once more: %d\n", taken);
	return fault != (EXTABLE_FAULT | VEC_GP);
}

DEFINE_WORKLOAD("test", "has an exception while an interrupt waits", test);
