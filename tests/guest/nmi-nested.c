/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NMI that waits for the end of another comes as soon as the host is told that it may, which is
 * before IRET; or, by the IRET of a #VC, inside it. Neither loses what the first one interrupted,
 * nor does an NMI at every VMGEXIT of the MSR protocol.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE < %t.trace
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --monitor-option=inject=nmi-in-msr:46 %t -- test msr | \
 * RUN:   FileCheck %s --check-prefix=MSR
 * RUN: %run-guest --platform=snp --monitor-option=inject=nmi-in-msr:28 %t -- test msr | \
 * RUN:   FileCheck %s --check-prefix=MSR
 * CHECK: 50 rounds of 3, wrong 0
 * MSR: 50 calls, some with an NMI, wrong 0
 * TRACE: inject vector=0x2 type=nmi
 * TRACE: vmgexit code=0x80000003 {{.*}} result=0x0
 * TRACE-NEXT: inject vector=0x2 type=nmi
 */
#include <stdio.h>

#include "early/ghcb_msr.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define ICR_NMI_ASSERT 0x4400
#define LEAF           0x80000008
#define ROUNDS         50
#define CHAIN          3

static volatile int taken, wrong;
static volatile bool chained;
static struct cpuid_regs expected;

static void send(void) { pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_LOW), 4, ICR_NMI_ASSERT); }

static void check(void)
{
	struct cpuid_regs r = cpuid_raw(LEAF, 0);

	wrong += r.eax != expected.eax || r.ecx != expected.ecx;
}

static void nmi(struct trap_frame *frame)
{
	(void)frame;
	taken++;
	check();
	if (chained && taken % CHAIN)
		send();
	check();
}

static void by_msr(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct ghcb_msr_sev_info info = ghcb_msr_sev_info();

		wrong += info.cbit != 51 || info.version_max != 2;
		check();
	}
	printf("%d calls, %s with an NMI, wrong %d\n", ROUNDS, taken ? "some" : "none", wrong);
}

static void by_chain(void)
{
	/* The boot processor's APIC id is 0. */
	pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_HIGH), 4, 0);
	chained = true;
	for (int i = 1; i <= ROUNDS; i++) {
		send();
		for (long j = 0; taken < i * CHAIN && j < 100000000; j++)
			cpu_relax();
		wrong += taken != i * CHAIN;
		check();
	}
	printf("%d rounds of %d, wrong %d\n", ROUNDS, CHAIN, wrong);
}

static int test(int argc, char **argv)
{
	(void)argv;
	expected = cpuid_raw(LEAF, 0);
	irq_register(VEC_NMI, nmi);
	if (argc > 1)
		by_msr();
	else
		by_chain();
	return wrong != 0;
}

DEFINE_WORKLOAD("test", "takes NMIs inside NMIs", test);
