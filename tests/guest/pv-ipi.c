/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An interrupt for other processors costs one request where KVM offers SEND_IPI and the APIC's
 * registers are memory: no access to the ICR then, of which there are two or three otherwise. Each
 * processor takes each of them, and an NMI, either way.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=3 --trace=%t.kvm %t | FileCheck %s
 * RUN: sed "/nr=0xa /,$!d" %t.kvm | FileCheck %s --check-prefix=VMMCALL \
 * RUN:   --implicit-check-not=gpa=0xfee00300
 * RUN: %run-guest --platform=snp --smp=3 --trace=%t.snp %t | FileCheck %s
 * RUN: sed "1,/value=0x6d/d" %t.snp | FileCheck %s --check-prefix=GHCB \
 * RUN:   --implicit-check-not="info1=0xfee00300"
 * RUN: %run-guest --platform=snp --smp=3 --trace=%t.apic --monitor-option=inject=kvm-hide:2048 %t | FileCheck %s
 * RUN: sed "1,/value=0x6d/d" %t.apic | FileCheck %s --check-prefix=APIC --implicit-check-not="nr=0xa "
 * CHECK: 50 interrupts and 1 NMI on each of 2 others
 * VMMCALL-COUNT-52: nr=0xa
 * GHCB-COUNT-52: nr=0xa
 * APIC-COUNT-52: vmgexit code=0x80000002 info1=0xfee00300
 */
#include <stdio.h>

#include "early/percpu.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/spinlock.h"
#include "paravirt/pv_ops.h"

#define VECTOR 0x52
#define NMI    0x400
#define COUNT  50
#define MARK   0x6d

static u32 taken, nmis;

static void take(struct trap_frame *frame)
{
	(void)frame;
	__atomic_add_fetch(&taken, 1, __ATOMIC_SEQ_CST);
	apic_eoi();
}

static void take_nmi(struct trap_frame *frame)
{
	(void)frame;
	__atomic_add_fetch(&nmis, 1, __ATOMIC_SEQ_CST);
}

static void wait_for(const u32 *count, u32 n)
{
	while (__atomic_load_n(count, __ATOMIC_SEQ_CST) < n)
		spin_poll();
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	irq_register(VECTOR, take);
	irq_register(VEC_NMI, take_nmi);
	pv_io_out(0x80, 1, MARK); /* the transcript's beginning */
	for (u32 i = 1; i <= COUNT; i++) {
		apic_ipi_others(BIT(1) | BIT(2), VECTOR);
		wait_for(&taken, 2 * i);
	}
	for (u32 cpu = 1; cpu < 3; cpu++) {
		apic_ipi(percpus[cpu].apic_id, NMI);
		wait_for(&nmis, cpu);
	}
	printf("%u interrupts and %u NMI on each of 2 others\n", taken / 2, nmis / 2);
	return 0;
}

DEFINE_WORKLOAD("test", "interrupts for others", test);
