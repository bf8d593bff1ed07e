/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host with two processors. What one of them gives away the other one cannot write any more when
 * RMPUPDATE is over, whatever its TLB had; SNP_EN is each one's own.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: env SMP=2 %S/Inputs/run %build %t | FileCheck %s
 * CHECK: processors: 2 of 2 run
 * CHECK: SNP_EN on one processor: RMPUPDATE is #UD on the other
 * CHECK-NEXT: 50 times given away while the other processor wrote: no write came late
 * CHECK: QEMU's status 33
 */
#include <stdio.h>

#include "abi/sev.h"
#include "abi/svm.h"
#include "early/percpu.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/extable.h"
#include "mm/phys.h"
#include "rmp.h"

#define ROUNDS 50
#define LOOKS  2000

static u64 page;
static u32 faults, vector, late, unseen;
static bool go_on, done;

/* The writer stands here until the page is the host's again. */
static __attribute__((target("general-regs-only"))) void page_fault(struct trap_frame *frame)
{
	(void)frame;
	__atomic_add_fetch(&faults, 1, __ATOMIC_SEQ_CST);
	while (!READ_ONCE(go_on))
		cpu_relax();
}

/* The vector that an RMPUPDATE of @pa came to, or 0. */
static u32 rmpupdate_fault(u64 pa)
{
	const struct rmp_state state = { 0 };
	u64 fault = 0, rax = pa;

	__asm__ volatile("1: .byte 0xf2, 0x0f, 0x01, 0xfe\n\t"
			 "jmp 3f\n\t"
			 "2: mov %%rax, %[fault]\n\t"
			 "3:\n\t" EXTABLE("1b", "2b")
			 : [fault] "+r"(fault), "+a"(rax)
			 : "c"(&state)
			 : "memory", "cc");
	return fault ? (u32)(fault & ~(u64)EXTABLE_FAULT) : 0;
}

static void enable(void)
{
	(void)wrmsr_safe(MSR_SYSCFG, rdmsr(MSR_SYSCFG) | SYSCFG_SNP_EN | SYSCFG_VMPL_EN);
}

static void enable_one(void *context)
{
	(void)context;
	if (!cpu_index())
		enable();
}

static void try_other(void *context)
{
	(void)context;
	if (cpu_index())
		vector = rmpupdate_fault(page);
}

static void enable_other(void *context)
{
	(void)context;
	if (cpu_index())
		enable();
}

static void write_on(void)
{
	volatile u64 *p = (volatile u64 *)page;

	while (!READ_ONCE(done))
		++*p;
}

static void give_away(void)
{
	const struct rmp_state theirs = { 0x5000, 1, 0, 0, 0, 7 };
	volatile u64 *p = (volatile u64 *)page;
	u64 before = *p, now;

	while (*p == before) /* its TLB has it */
		cpu_relax();
	WRITE_ONCE(go_on, false);
	before = READ_ONCE(faults);
	unseen += rmpupdate(page, theirs) != 0;
	now = *p;
	for (unsigned int i = 0; i < LOOKS; i++)
		late += *p != now;
	while (READ_ONCE(faults) == before)
		cpu_relax();
	late += *p != now;
	unseen += rmpupdate(page, (struct rmp_state){ 0 }) != 0;
	WRITE_ONCE(go_on, true);
}

static void race(void *context)
{
	(void)context;
	if (cpu_index()) {
		write_on();
		return;
	}
	for (unsigned int i = 0; i < ROUNDS; i++)
		give_away();
	WRITE_ONCE(done, true);
}

static int workload(int argc, char **argv)
{
	pa_t pa;

	(void)argc, (void)argv;
	if (phys_alloc(0, &pa))
		return 1;
	page = pa.value;
	irq_register(VEC_PF, page_fault);
	smp_run(enable_one, NULL);
	smp_run(try_other, NULL);
	if (vector == VEC_UD)
		printf("SNP_EN on one processor: RMPUPDATE is #UD on the other\n");
	smp_run(enable_other, NULL);
	smp_run(race, NULL);
	if (!late && !unseen)
		printf("%d times given away while the other processor wrote: no write came late\n",
		       ROUNDS);
	else
		printf("%u late, %u refused\n", late, unseen);
	return vector != VEC_UD || late || unseen;
}

DEFINE_WORKLOAD("test", "is a host with two processors", workload);
