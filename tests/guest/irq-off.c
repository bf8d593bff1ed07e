/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where interrupts are off none has its handler run, though the host of an SEV-ES or SNP guest may
 * inject one at any instruction: here with the answer to a request, amid a GHCB's use, where a
 * TLB flush's IPI or the timer's would be as wrong. It is counted, and said.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=sev-es --monitor-option=inject=event:119900 %t | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=2 --monitor-option=inject=event:119900 %t | FileCheck %s
 * CHECK: postern: interrupt (vector 119): nobody expects it; from now on it is only counted
 * CHECK: {{^}}interrupts off: its handler ran 0 times, 1 counted; on: 1
 */
#include <stdio.h>

#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define VECTOR   119
#define REQUESTS 900 /* more than are left of those that the host counts */
#define POLLS    100000000
#define PORT_RTC 0x71

static volatile int taken;

static void take(struct trap_frame *frame)
{
	(void)frame;
	taken++;
	apic_eoi();
}

static int test(int argc, char **argv)
{
	int before;

	(void)argc, (void)argv;
	irq_register(VECTOR, take);
	for (int i = 0; i < REQUESTS; i++)
		pv_io_in(PORT_RTC, 1);
	before = taken;
	apic_self_ipi(VECTOR);
	for (long i = 0; taken == before && i < POLLS; i++)
		cpu_relax();
	printf("interrupts off: its handler ran %d times, %u counted; on: %d\n", before,
	       irq_unexpected(VECTOR), taken - before);
	return 0;
}

DEFINE_WORKLOAD("test", "is sent an interrupt with interrupts off", test);
