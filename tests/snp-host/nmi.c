/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host with two processors. An NMI that comes while another one is handled waits for its IRET,
 * and comes behind it: nothing of what the first one interrupted is lost. One that waits for GIF
 * ends the guest's run that begins; one that waits for the IRET of another does not: KVM would try
 * again for ever. And the IRET is as guest/nmi-iret.c has it.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: env SMP=2 %S/Inputs/run %build %t | FileCheck %s
 * CHECK: processors: 2 of 2 run
 * CHECK: 20 rounds of 2, never one inside the other
 * CHECK-NEXT: one that came before VMRUN ends the guest's run
 * CHECK-NEXT: one that waits for another's IRET does not
 * CHECK: QEMU's status 33
 * RUN: %guest-cc %S/../guest/nmi-iret.c -o %t.iret
 * RUN: env SMP=2 %S/Inputs/run %build %t.iret | FileCheck %S/../guest/nmi-iret.c
 */
#include "early/percpu.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "lib/compiler.h"
#include "paravirt/pv_ops.h"
#include "vm.h"

#define NMI    0x4400
#define ROUNDS 20
#define LONG   20000 /* for the second one to arrive */

GUEST(code_short, "vmmcall");
GUEST(code_long, "mov $100000000, %ecx\n1: pause\ndec %ecx\njnz 1b\nvmmcall");

static u32 depth, worst, entered, taken, sent;
static bool done, closed;
static u64 code;

static __attribute__((target("general-regs-only"))) void nmi(struct trap_frame *frame)
{
	(void)frame;
	if (++depth > worst)
		worst = depth;
	entered++;
	while (READ_ONCE(sent) % 2)
		cpu_relax();
	for (unsigned int i = 0; i < LONG; i++)
		cpu_relax();
	depth--;
	WRITE_ONCE(taken, taken + 1);
}

static void send(void)
{
	pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_HIGH), 4, 1 << 24);
	WRITE_ONCE(sent, sent + 1);
	pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_LOW), 4, NMI);
}

static void both(void *context)
{
	(void)context;
	if (cpu_index()) {
		while (!READ_ONCE(done))
			cpu_relax();
		return;
	}
	for (u32 i = 0; i < 2 * ROUNDS; i += 2) {
		send();
		while (READ_ONCE(entered) == i)
			cpu_relax();
		send();
		while (READ_ONCE(taken) != i + 2)
			cpu_relax();
	}
	WRITE_ONCE(done, true);
}

static int run_guest(void)
{
	MUST(!vm_new());
	vm_state(&vmcb->save, code_long);
	intercept(VMCB_INTERCEPT_NMI);
	__asm__ volatile("clgi");
	WRITE_ONCE(closed, true);
	while (READ_ONCE(sent) == 2 * ROUNDS)
		cpu_relax();
	for (unsigned int i = 0; i < LONG; i++)
		cpu_relax();
	sent++; /* no other one is waited for */
	code = taken == 2 * ROUNDS ? vm_run() : 0;
	return 0;
}

static void hold(void *context)
{
	(void)context;
	if (cpu_index()) {
		(void)run_guest();
		return;
	}
	while (!READ_ONCE(closed))
		cpu_relax();
	send();
}

/* The first one runs a guest while the second one waits. */
static __attribute__((target("general-regs-only"))) void nmi_with_guest(struct trap_frame *frame)
{
	(void)frame;
	WRITE_ONCE(taken, taken + 1);
	if (taken > 1)
		return;
	while (READ_ONCE(sent) != 2)
		cpu_relax();
	for (unsigned int i = 0; i < LONG; i++)
		cpu_relax();
	code = vm_run();
}

static void run_within(void *context)
{
	(void)context;
	if (cpu_index()) {
		vm_state(&vmcb->save, code_short);
		WRITE_ONCE(closed, true);
		while (READ_ONCE(taken) != 2)
			cpu_relax();
		return;
	}
	while (!READ_ONCE(closed))
		cpu_relax();
	send();
	while (READ_ONCE(taken) != 1)
		cpu_relax();
	send();
}

static int workload(int argc, char **argv)
{
	(void)argc, (void)argv;
	irq_register(VEC_NMI, nmi);
	smp_run(both, NULL);
	MUST(worst == 1 && taken == 2 * ROUNDS);
	printf("%d rounds of 2, never one inside the other\n", ROUNDS);
	smp_run(hold, NULL);
	MUST(code == SVM_EXIT_NMI && taken == 2 * ROUNDS + 1);
	printf("one that came before VMRUN ends the guest's run\n");
	sent = taken = 0;
	closed = false;
	irq_register(VEC_NMI, nmi_with_guest);
	smp_run(run_within, NULL);
	MUST(code == SVM_EXIT_VMMCALL && taken == 2);
	printf("one that waits for another's IRET does not\n");
	return 0;
}

DEFINE_WORKLOAD("test", "takes NMIs behind NMIs", workload);
