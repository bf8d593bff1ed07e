/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NMI that comes to a processor which has no way to its host yet is completed, and said, as soon
 * as there is one: the next ones come.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --smp=2 --boot=direct --monitor-option=inject=nmi-in-msr:27 \
 * RUN:   --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 * CHECK: postern: NMI (vector 2): nobody expects it; from now on it is only counted
 * CHECK: 5 NMIs sent to 1: 5 came
 * TRACE: cpu1 inject vector=0x2 type=nmi
 * TRACE-NEXT: cpu1 vmgexit code=0x80000003
 */
#include <stdio.h>

#include "early/percpu.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"
#define ROUNDS  5
#define POLLS   3000000
#define ICR_NMI 0x4400

static volatile int came[CPU_MAX];

static void nmi(struct trap_frame *frame)
{
	(void)frame;
	came[cpu_index()]++;
}

static void send_and_wait(void)
{
	int before = came[1];

	pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_HIGH), 4, percpus[1].apic_id << 24);
	pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_LOW), 4, ICR_NMI);
	for (long i = 0; i < POLLS && came[1] == before; i++)
		cpu_relax();
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	irq_register(VEC_NMI, nmi);
	for (int i = 0; i < ROUNDS; i++)
		send_and_wait();
	printf("%d NMIs sent to 1: %d came\n", ROUNDS, came[1]);
	return 0;
}

DEFINE_WORKLOAD("test", "counts NMIs", test);
