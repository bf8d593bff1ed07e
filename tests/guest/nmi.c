/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NMI that the processor sends to itself, by a request and by a store to the APIC. As an SNP
 * guest the NMI then comes inside the request, and inside the #VC of the store; its handler makes
 * exits of both kinds. Nothing of what was interrupted is lost.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s -DINSIDE=0
 * RUN: %run-guest --platform=sev %t | FileCheck %s -DINSIDE=0
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s -DINSIDE=100
 * RUN: %run-guest --platform=snp %t | FileCheck %s -DINSIDE=100
 * RUN: %run-guest --platform=snp --monitor-option=features=restricted-injection %t | FileCheck %s -DINSIDE=100
 *
 * CHECK: by request: 100, 0 of them inside #VC, wrong 0
 * CHECK-NEXT: by store: 100, [[INSIDE]] of them inside #VC, wrong 0
 * CHECK-NEXT: interrupts off: ok
 */
#include <stdio.h>

#include "abi/x86.h"
#include "early/percpu.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define ICR_NMI_ASSERT 0x4400
#define LEAF           0x80000008
#define ROUNDS         100

static volatile int taken;
static volatile int inside; /* NMIs that came on the stack of #VC */
static volatile int wrong;
static struct cpuid_regs expected;

static bool is_expected(struct cpuid_regs r)
{
	return r.eax == expected.eax && r.ebx == expected.ebx && r.ecx == expected.ecx &&
	       r.edx == expected.edx;
}

static void nmi(struct trap_frame *frame)
{
	wrong += frame->rflags & RFLAGS_FIXED ? 0 : 1;
	wrong += !is_expected(cpuid_raw(LEAF, 0));
	wrong += (u8)pv_io_in(PORT_COM1 + 3, 1) != inb(PORT_COM1 + 3);
	inside += stack_top(cpu_index(), STACK_VC) - frame->rsp < STACK_SIZE;
	taken++;
}

static void by_request(void)
{
	pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_LOW), 4, ICR_NMI_ASSERT);
}

static void by_store(void) { *(volatile u32 *)(APIC_BASE_DEFAULT + APIC_ICR_LOW) = ICR_NMI_ASSERT; }

static void run(const char *name, void (*send)(void))
{
	taken = 0;
	inside = 0;
	for (int i = 0; i < ROUNDS; i++) {
		send();
		for (long j = 0; taken <= i && j < 100000000; j++)
			cpu_relax();
		wrong += !is_expected(cpuid_raw(LEAF, 0));
	}
	printf("%s: %d, %d of them inside #VC, wrong %d\n", name, taken, inside, wrong);
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	expected = cpuid_raw(LEAF, 0);
	/* The boot processor's APIC id is 0. */
	pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_HIGH), 4, 0);
	irq_register(VEC_NMI, nmi);
	run("by request", by_request);
	run("by store", by_store);
	cli();
	taken = 0;
	by_request();
	for (long j = 0; !taken && j < 100000000; j++)
		cpu_relax();
	sti();
	printf("interrupts off: %s\n", taken == 1 ? "ok" : "no NMI");
	return wrong != 0;
}

DEFINE_WORKLOAD("test", "takes NMIs", test);
