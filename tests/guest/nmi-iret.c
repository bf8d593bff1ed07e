/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NMI that waits for the end of another comes right behind the IRET of its handler, be it one
 * that leaves interrupts off; not behind one that faults. That a host steps over the IRET shows
 * nowhere: not in the frame of a fault, nor by a #DB that its own TF does not ask for, nor in DR6.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s
 * RUN: %run-guest --platform=plain --mode=emulate --smp=2 %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 * CHECK: interrupts off: 2 NMIs, the last right behind IRET
 * CHECK-NEXT: TF by IRET: 1 #DB, one instruction behind it, DR6 0x4ff0
 * CHECK-NEXT: TF before IRET: 1 #DB, behind it, DR6 0x4ff0
 * CHECK-NEXT: IRET that faults: #GP, with 1 NMI, without TF; then 2
 * CHECK-NEXT: without a #DB: DR6 0xff0
 */
#include <stdio.h>

#include "early/entry.h"
#include "early/percpu.h"
#include "early/trap.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "lib/extable.h"

#define ICR_NMI   0x400
#define POLLS     20000000
#define NO_SEG    0x5a0
#define DR6_RESET 0xffff0ff0

/* To the label behind it, by %[cs] as the code segment. */
#define IRET(before, behind)                                                                       \
	"mov %%rsp, %%rcx\n\tmov %%ss, %%edx\n\tpush %%rdx\n\tpush %%rcx\n\tpushfq\n\t"            \
	"push %[cs]\n\tlea 2f(%%rip), %%rdx\n\tpush %%rdx\n\t" before "1:\tiretq\n2:\t" behind

extern const char behind_own_iret[];

/*
 * Where the NMI came the next instruction is the compiler's choice, and where it leads too: it
 * returns here.
 */
extern const char landing[], behind_landing[];
__asm__("landing:\tnop\nbehind_landing:\tjmp *came_from(%rip)\n");
u64 came_from;

static volatile int taken, wanted;
static void (*volatile in_nmi)(struct trap_frame *frame); /* at the end of the first one */
static u64 first_rip, last_rip;

static volatile int traps;
static u64 trap_rip, trap_dr6;

static u64 fault, fault_flags;
static int taken_at_fault;

static u64 read_dr6(void)
{
	u64 dr6;

	__asm__ volatile("mov %%dr6, %0" : "=r"(dr6));
	return dr6 & 0xffff;
}

static void reset_dr6(void) { __asm__ volatile("mov %0, %%dr6" : : "r"((u64)DR6_RESET)); }

static void send(void) { apic_ipi(percpus[0].apic_id, ICR_NMI); }

static void nmi(struct trap_frame *frame)
{
	last_rip = frame->rip;
	if (taken++)
		return;
	first_rip = frame->rip;
	if (wanted > 1)
		send();
	if (in_nmi)
		in_nmi(frame);
}

static void handler(struct trap_frame *frame)
{
	if (frame->vector == VEC_DB) {
		traps++;
		trap_rip = frame->rip;
		trap_dr6 = read_dr6();
		reset_dr6();
		frame->rflags &= ~(u64)RFLAGS_TF;
		return;
	}
	if (frame->vector == VEC_GP) {
		fault_flags = frame->rflags;
		taken_at_fault = taken;
	}
	trap_take(frame);
}

/* Without an exit. */
static void run(int count, void (*at_end)(struct trap_frame *frame))
{
	taken = traps = 0;
	wanted = count;
	in_nmi = at_end;
	send();
	for (long i = 0; i < POLLS && taken < count; i++)
		__asm__ volatile("" : : : "memory");
}

static void trap_behind(struct trap_frame *frame)
{
	frame->rflags |= RFLAGS_TF;
	came_from = frame->rip;
	frame->rip = (u64)landing;
}

static void iret_with_tf(struct trap_frame *frame)
{
	(void)frame;
	__asm__ volatile(IRET("pushfq\n\torq %[tf], (%%rsp)\n\tpopfq\n\t",
			      ".globl behind_own_iret\nbehind_own_iret:\tnop")
			 :
			 : [cs] "i"(SEL_CODE64), [tf] "i"(RFLAGS_TF)
			 : "rcx", "rdx", "memory", "cc");
}

static void iret_faults(struct trap_frame *frame)
{
	(void)frame;
	__asm__ volatile("xor %%eax, %%eax\n\t" IRET("", "mov %%rcx, %%rsp\n\t")
				 EXTABLE("1b", "2b") "mov %%rax, %[fault]"
			 : [fault] "=m"(fault)
			 : [cs] "i"(NO_SEG)
			 : "rax", "rcx", "rdx", "memory", "cc");
}

static const char *hides(u64 flags) { return flags & RFLAGS_TF ? "with" : "without"; }

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	irq_register(VEC_NMI, nmi);
	write_cr0(read_cr0() & ~(u64)CR0_WP); /* it is sealed by now */
	trap_set_handler(handler);
	reset_dr6();
	cli();
	run(2, NULL);
	printf("interrupts off: %d NMIs, the last %s\n", taken,
	       last_rip == first_rip ? "right behind IRET" : "elsewhere");
	run(1, trap_behind);
	printf("TF by IRET: %d #DB, %s, DR6 %#lx\n", traps,
	       trap_rip == (u64)behind_landing ? "one instruction behind it" : "elsewhere",
	       trap_dr6);
	run(1, iret_with_tf);
	printf("TF before IRET: %d #DB, %s, DR6 %#lx\n", traps,
	       trap_rip == (u64)behind_own_iret ? "behind it" : "elsewhere", trap_dr6);
	run(2, iret_faults);
	printf("IRET that faults: %s, with %d NMI, %s TF; then %d\n",
	       (fault & 0xff) == VEC_GP ? "#GP" : "no #GP", taken_at_fault, hides(fault_flags),
	       taken);
	traps = 0;
	run(2, NULL);
	printf("%s a #DB: DR6 %#lx\n", traps ? "with" : "without", read_dr6());
	sti();
	return 0;
}

DEFINE_WORKLOAD("test", "ends its NMIs in several ways", test);
