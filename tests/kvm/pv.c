/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM's paravirtual interface by a KVM that none of us wrote, with one processor and with four.
 * Steal time is real: on one processor of the host, beside another busy thread, about half of the
 * guest's time is stolen, and nearly none without; from four that share it, three quarters.
 * REQUIRES: nested
 * RUN: %guest-cc %s -o %t
 * RUN: %guest-cc %root/tests/guest/alt-opcodes.c -o %t.opcodes \
 * RUN:   --replace=paravirt/pv_select.c=%root/tests/guest/Inputs/alt-probe.c
 * RUN: %S/Inputs/vms %s %t --file %t.opcodes=opcodes.elf > %t.out
 * RUN: FileCheck %s < %t.out
 *
 * VM alone: -- test steal
 * CHECK: alone: stolen from 1: less than a fifth
 * CHECK: alone: status 0
 * VM crowded: beside "busybox yes" -- test steal
 * CHECK: crowded: stolen from 1: about a half
 * CHECK: crowded: status 0
 * VM four: --smp 4 -- test steal
 * CHECK: four: stolen from 4: more than a half
 * CHECK: four: status 0
 *
 * The host marks an edge-triggered interrupt when nothing else waits, and its end costs no exit:
 * KVM counts an emulated instruction less for each than without the page.
 * VM eoi: --json json -- test eoi
 * CHECK: eoi: 200 interrupts on each of 1, most without an EOI at the APIC
 * CHECK: eoi: status 0
 * VM eoi-none: --json json -- test eoi none
 * CHECK: eoi-none: 200 interrupts on each of 1, few without an EOI at the APIC (0)
 * CHECK: eoi-none: status 0
 * VM eoi-four: --smp 4 -- test eoi
 * CHECK: eoi-four: 200 interrupts on each of 4, most without an EOI at the APIC
 * CHECK: eoi-four: status 0
 * RUN: %S/Inputs/saved %t.out eoi eoi-none insn_emulation | FileCheck %s --check-prefix=SAVED
 * SAVED: {{^saved: (1[89].|20.)$}}
 *
 * VM calls: -- test calls
 * CHECK: calls: send-ipi to all: 1, 1 interrupts
 * CHECK-NEXT: calls: sched-yield to the last: 0
 * CHECK-NEXT: calls: clock-pairing: 0, the TSC between ours, the time of the wall clock
 * CHECK: calls: status 0
 * VM calls-four: --smp 4 -- test calls
 * CHECK: calls-four: send-ipi to all: 4, 4 interrupts
 * CHECK-NEXT: calls-four: a flush: left to the host, done
 * CHECK-NEXT: calls-four: sched-yield to the last: 0
 * CHECK-NEXT: calls-four: clock-pairing: 0, the TSC between ours, the time of the wall clock
 * CHECK: calls-four: status 0
 *
 * With more processors than the host has, one that does not run gets the time of one that waits for
 * it, as KVM counts. (A flush needs no such help: it is left to the host.)
 * VM yield: --smp 4 --json json -- test yield
 * CHECK: yield: to the last, 50 times while it did not run
 * CHECK: yield: status 0
 * RUN: grep '^yield/json: .*"kind":"kvm","cpu":0,' %t.out | FileCheck %s --check-prefix=YIELD
 * YIELD: "directed_yield_successful":{{[1-9]}}
 *
 * VM clock: -- test clock
 * CHECK: clock: kvmclock on 1: never went back, keeps the TSC's pace
 * CHECK: clock: status 0
 * VM clock-four: --smp 4 -- test clock
 * CHECK: clock-four: kvmclock on 4: never went back, keeps the TSC's pace
 * CHECK: clock-four: status 0
 *
 * The hypercall: by the table first, then the instruction itself in its place, which is AMD's.
 * VM opcodes: guest opcodes.elf -- test
 * CHECK: opcodes: before: ff 15 {{.. .. .. ..}} result 0
 * CHECK-NEXT: opcodes: after: 0f 01 d9 0f 1f 00 result 0
 * CHECK: opcodes: status 0
 * VM opcodes-four: guest opcodes.elf --smp 4 -- test
 * CHECK: opcodes-four: before: ff 15 {{.. .. .. ..}} result 0
 * CHECK-NEXT: opcodes-four: after: 0f 01 d9 0f 1f 00 result 0
 * CHECK: opcodes-four: status 0
 */
#include <stdio.h>
#include <string.h>

#include "abi/kvm_para.h"
#include "early/percpu.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/panic.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages.h"

#define VECTOR   0x52
#define COUNT    200
#define YIELDS   50
#define READINGS 10000
#define SPIN_NS  UINT64_C(400000000)
#define WAIT_NS  UINT64_C(10000000000)
#define SECOND   UINT64_C(1000000000)

static struct {
	volatile unsigned int taken, marked;
	u64 stolen; /* of 100 */
	unsigned int back;
	bool keeps_pace;
} cpus[CPU_MAX];
static u64 latest; /* that any processor read */

static void handler(struct trap_frame *frame)
{
	const u32 *flags = pv_page_registered(PV_PAGE_EOI);

	(void)frame;
	if (flags && READ_ONCE(*flags) & BIT(KVM_PV_EOI_BIT))
		cpus[cpu_index()].marked++;
	cpus[cpu_index()].taken++;
	apic_eoi();
}

static u64 clock_ns(void)
{
	u64 ns;

	return kvmclock_read(&ns) ? 0 : ns;
}

static u64 stolen_ns(void)
{
	u64 ns;

	return steal_time_read(&ns) ? 0 : ns;
}

static void spin(void *context)
{
	u64 start = clock_ns(), before = stolen_ns();

	(void)context;
	while (clock_ns() - start < SPIN_NS)
		cpu_relax();
	cpus[cpu_index()].stolen = (stolen_ns() - before) * 100 / (clock_ns() - start);
}

static const char *steal_words(u64 percent)
{
	if (percent < 20)
		return "less than a fifth";
	if (percent > 60)
		return "more than a half";
	return percent > 35 ? "about a half" : "something else";
}

static int test_steal(void)
{
	u64 sum = 0;

	smp_run(spin, NULL);
	for (unsigned int i = 0; i < smp_count(); i++)
		sum += cpus[i].stolen;
	sum /= smp_count();
	printf("stolen from %u: %s (%lu of 100)\n", smp_count(), steal_words(sum), sum);
	return !clock_ns();
}

static void interrupt_self(void *context)
{
	(void)context;
	for (unsigned int i = 0; i < COUNT; i++) {
		apic_self_ipi(VECTOR);
		while (cpus[cpu_index()].taken <= i)
			cpu_relax();
	}
}

static void leave_eoi_page(void *context)
{
	(void)context;
	if (pv_msr_write(MSR_KVM_PV_EOI_EN, 0))
		panic("PV EOI cannot be turned off");
}

static int test_eoi(bool with_page)
{
	unsigned int least = COUNT;

	if (!with_page)
		smp_run(leave_eoi_page, NULL);
	smp_run(interrupt_self, NULL);
	for (unsigned int i = 0; i < smp_count(); i++)
		least = cpus[i].marked < least ? cpus[i].marked : least;
	printf("%u interrupts on each of %u, %s without an EOI at the APIC (%u)\n", COUNT,
	       smp_count(), least > COUNT / 2 ? "most" : "few", least);
	return 0;
}

/* The host's time of day by the other way that KVM has: at the boot, plus kvmclock. */
static u64 wall_ns(void)
{
	static struct pvclock_wall_clock wall;

	if (pv_msr_write(MSR_KVM_WALL_CLOCK_NEW, (u64)(uintptr_t)&wall))
		return 0;
	return READ_ONCE(wall.sec) * SECOND + READ_ONCE(wall.nsec) + clock_ns();
}

static int test_clock_pairing(void)
{
	static struct kvm_clock_pairing pairing __attribute__((aligned(64)));
	u64 before = rdtsc();
	s64 result = kvm_hypercall2(KVM_HC_CLOCK_PAIRING, (u64)(uintptr_t)&pairing, 0);
	u64 after = rdtsc();
	s64 apart = (s64)(wall_ns() - ((u64)pairing.sec * SECOND + (u64)pairing.nsec));

	printf("clock-pairing: %ld, the TSC %s, the time %s\n", result,
	       pairing.tsc >= before && pairing.tsc <= after ? "between ours" : "not between ours",
	       apart >= 0 && apart < (s64)SECOND * 10 ? "of the wall clock" : "of another clock");
	return result != 0;
}

static unsigned int taken_by_all(void)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < smp_count(); i++)
		sum += cpus[i].taken;
	return sum;
}

static bool flush_is_over;

/* Busy processors that share one: who does not run needs no interrupt, the host flushes for it. */
static void flush_last(void *context)
{
	unsigned int last = smp_count() - 1;
	const struct kvm_steal_time *page = pv_page_registered_of(PV_PAGE_STEAL_TIME, last);
	u64 start = clock_ns();
	bool is_left = false, is_done = false;

	(void)context;
	while (cpu_index() && !__atomic_load_n(&flush_is_over, __ATOMIC_ACQUIRE))
		cpu_relax();
	if (cpu_index())
		return;
	while (!is_left && clock_ns() - start < WAIT_NS)
		is_left = pv_cpu_flush_later(last);
	while (page && !is_done && clock_ns() - start < WAIT_NS)
		is_done = !(READ_ONCE(page->preempted) & KVM_VCPU_FLUSH_TLB);
	__atomic_store_n(&flush_is_over, true, __ATOMIC_RELEASE);
	printf("a flush: %s, %s\n", is_left ? "left to the host" : "not left to it",
	       is_done ? "done" : "not done");
}

static int test_calls(void)
{
	u64 start = clock_ns();
	s64 result = kvm_hypercall4(KVM_HC_SEND_IPI, BIT(smp_count()) - 1, 0, 0, VECTOR);

	while (taken_by_all() < smp_count() && clock_ns() - start < WAIT_NS)
		cpu_relax();
	printf("send-ipi to all: %ld, %u interrupts\n", result, taken_by_all());
	if (smp_count() > 1)
		smp_run(flush_last, NULL);
	printf("sched-yield to the last: %ld\n",
	       kvm_hypercall1(KVM_HC_SCHED_YIELD, smp_count() - 1));
	return test_clock_pairing();
}

static bool yield_is_over;

/* Busy processors that share one; the last of them is waited for. */
static void yield_to_last(void *context)
{
	unsigned int last = smp_count() - 1, *yields = context;
	u64 start = clock_ns();

	while (cpu_index() && !__atomic_load_n(&yield_is_over, __ATOMIC_ACQUIRE))
		cpu_relax();
	if (cpu_index())
		return;
	while (*yields < YIELDS && clock_ns() - start < WAIT_NS) {
		if (pv_cpu_is_preempted(last) && !kvm_hypercall1(KVM_HC_SCHED_YIELD, last))
			++*yields;
		cpu_relax();
	}
	__atomic_store_n(&yield_is_over, true, __ATOMIC_RELEASE);
}

static int test_yield(void)
{
	unsigned int yields = 0;

	smp_run(yield_to_last, &yields);
	printf("to the last, %u times while it did not run\n", yields);
	return yields != YIELDS;
}

/* kvmclock's @ns passed in between, and others may have had the processor around either reading. */
static bool is_pace(u64 ns, u64 least_ticks, u64 most_ticks)
{
	return ns > time_tsc_to_ns(least_ticks) * 9 / 10 &&
	       ns < time_tsc_to_ns(most_ticks) * 11 / 10;
}

/* No processor may read less than any processor has read before. */
static void read_clock(void *context)
{
	u64 outer = rdtsc(), first = clock_ns(), inner = rdtsc(), ns, ticks;

	(void)context;
	for (int i = 0; i < READINGS; i++) {
		u64 before = __atomic_load_n(&latest, __ATOMIC_SEQ_CST), now = clock_ns();

		cpus[cpu_index()].back += now < before;
		if (now > before)
			__atomic_store_n(&latest, now, __ATOMIC_SEQ_CST);
	}
	while (clock_ns() - first < SPIN_NS / 4)
		cpu_relax();
	ticks = rdtsc() - inner;
	ns = clock_ns() - first;
	cpus[cpu_index()].keeps_pace = first && is_pace(ns, ticks, rdtsc() - outer);
}

static int test_clock(void)
{
	unsigned int back = 0, paced = 0;

	smp_run(read_clock, NULL);
	for (unsigned int i = 0; i < smp_count(); i++) {
		back += cpus[i].back;
		paced += cpus[i].keeps_pace;
	}
	printf("kvmclock on %u: %s, %s the TSC's pace\n", smp_count(),
	       back ? "went back" : "never went back",
	       paced == smp_count() ? "keeps" : "does not keep");
	return back != 0;
}

static int test(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	irq_register(VECTOR, handler);
	if (!strcmp(what, "steal"))
		return test_steal();
	if (!strcmp(what, "eoi"))
		return test_eoi(argc == 2);
	if (!strcmp(what, "calls"))
		return test_calls();
	if (!strcmp(what, "yield"))
		return test_yield();
	return !strcmp(what, "clock") ? test_clock() : 1;
}

DEFINE_WORKLOAD("test", "KVM's paravirtual interface", test);
