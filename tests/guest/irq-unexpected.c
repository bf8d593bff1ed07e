/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts and NMIs that nobody expects are counted, said once, and ended: the next of the same
 * vector comes, and so does one of a lower priority. An NMI is complete as well; it may come amid a
 * line of the log.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --smp=4 %t | FileCheck %s
 * RUN: %run-guest --platform=kvm --mode=emulate %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=4 %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --smp=4 %t | FileCheck %s
 *
 * CHECK-COUNT-1: postern: interrupt (vector 119): nobody expects it; from now on it is only counted
 * CHECK-NOT: vector 119
 * CHECK: {{^}}interrupts: 100, of a lower priority: 1
 * CHECK: postern: NMI (vector 2): nobody expects it; from now on it is only counted
 * CHECK-NOT: vector 2
 * CHECK: {{^}}NMIs: 100
 */
#include <stdio.h>

#include "abi/tdx.h"
#include "abi/x86.h"
#include "early/platform.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define VECTOR     119
#define VECTOR_LOW 0x31
#define ROUNDS     100
#define ICR_NMI    0x4400
#define POLLS      100000000

static volatile int low;

static void take_low(struct trap_frame *frame)
{
	(void)frame;
	low++;
	apic_eoi();
}

static void wait_for(unsigned int vector, u32 count)
{
	for (long i = 0; irq_unexpected(vector) < count && i < POLLS; i++)
		cpu_relax();
}

/* The boot processor's APIC id is 0. A TD has an x2APIC. */
static void send_nmi(void)
{
	if (platform.kind == PLATFORM_TDX) {
		(void)!pv_msr_write(X2APIC_MSR(APIC_ICR_LOW), ICR_NMI);
		return;
	}
	pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_HIGH), 4, 0);
	pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_LOW), 4, ICR_NMI);
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	for (u32 i = 1; i <= ROUNDS; i++) {
		apic_self_ipi(VECTOR);
		wait_for(VECTOR, i);
	}
	irq_register(VECTOR_LOW, take_low);
	apic_self_ipi(VECTOR_LOW);
	for (long i = 0; !low && i < POLLS; i++)
		cpu_relax();
	printf("interrupts: %u, of a lower priority: %d\n", irq_unexpected(VECTOR), low);
	fflush(stdout);
	for (u32 i = 1; i <= ROUNDS; i++) {
		send_nmi();
		wait_for(VEC_NMI, i);
	}
	printf("NMIs: %u\n", irq_unexpected(VEC_NMI));
	return low != 1 || irq_unexpected(VEC_NMI) != ROUNDS;
}

DEFINE_WORKLOAD("test", "interrupts that nobody expects", test);
