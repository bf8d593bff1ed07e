/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Async page faults of a real host: it swaps the guest's memory out to a slow disk, and the guest
 * goes on running while a page comes back. Each #PF with a token has its "page ready", and no
 * page lost its contents. With one processor and with four.
 * REQUIRES: nested
 * RUN: %guest-cc %s -o %t
 * RUN: rm -rf %t.out && %kvm-machine --out %t.out --file %build/postern-vmm --file %t=guest.elf \
 * RUN:   --file %S/Inputs/evict -- /host/evict /host/guest.elf test \
 * RUN:   --- /host/evict --smp 4 /host/guest.elf test
 * RUN: FileCheck %s -DCOUNT=1 < %t.out/1/stdout
 * RUN: FileCheck %s -DCOUNT=4 < %t.out/2/stdout
 * CHECK: pages that went to the disk: {{[1-9][0-9]*}}
 * CHECK: touched
 * CHECK: on [[COUNT]]: not present: some, ready: each, ran meanwhile: yes, contents: kept
 */
#include <malloc.h>
#include <stdio.h>

#include "abi/kvm_para.h"
#include "early/percpu.h"
#include "early/trap.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages.h"

#define PAGES   U64_C(512)
#define WAIT_NS UINT64_C(60000000000)
#define STEP_NS UINT64_C(20000000)
#define ACK     1
#define ALL     (~0U) /* a token that wakes everyone */
#define TOKENS  64

static u8 *memory;

static struct {
	struct kvm_vcpu_pv_apf_data *shared;
	volatile u32 ready[TOKENS];
	volatile unsigned int ready_count;
	unsigned int not_present, answered;
	u64 rounds, lost;
	int error;
} cpus[CPU_MAX];

/* "Page ready": its token lies in the shared page. */
static void take_ready(struct trap_frame *frame)
{
	struct kvm_vcpu_pv_apf_data *shared = cpus[cpu_index()].shared;
	unsigned int index = cpus[cpu_index()].ready_count;

	(void)frame;
	cpus[cpu_index()].ready[index % TOKENS] = READ_ONCE(shared->token);
	cpus[cpu_index()].ready_count = index + 1;
	WRITE_ONCE(shared->token, 0);
	apic_eoi();
	cpus[cpu_index()].error |= pv_msr_write(MSR_KVM_ASYNC_PF_ACK, ACK);
}

static bool is_ready(u32 token, unsigned int since)
{
	for (unsigned int i = since; i != cpus[cpu_index()].ready_count; i++) {
		u32 ready = cpus[cpu_index()].ready[i % TOKENS];

		if (ready == token || ready == ALL)
			return true;
	}
	return false;
}

/* "Not present": with interrupts on, something else is done until the page is there. */
static void take_fault(struct trap_frame *frame)
{
	struct kvm_vcpu_pv_apf_data *shared = cpus[cpu_index()].shared;
	unsigned int since = cpus[cpu_index()].ready_count;
	u32 token = (u32)read_cr2();

	if (!shared || !(READ_ONCE(shared->flags) & KVM_PV_REASON_PAGE_NOT_PRESENT))
		trap_panic(frame);
	WRITE_ONCE(shared->flags, 0);
	cpus[cpu_index()].not_present++;
	sti();
	while (!is_ready(token, since))
		cpus[cpu_index()].rounds++;
	cli();
	cpus[cpu_index()].answered++;
}

static u64 clock_ns(void)
{
	u64 ns;

	return kvmclock_read(&ns) ? 0 : ns;
}

/* A page each step, until the host has taken them. */
static void wait_for_host(void)
{
	u64 start = clock_ns();

	for (u64 page = 0; page < PAGES && clock_ns() - start < WAIT_NS; page++) {
		u64 step = clock_ns();

		while (clock_ns() - step < STEP_NS)
			cpu_relax();
		(void)READ_ONCE(memory[page * PAGE_SIZE]);
		if (cpus[0].not_present)
			return;
	}
}

static void enable(void *context)
{
	struct kvm_vcpu_pv_apf_data *shared = pv_page_registered(PV_PAGE_ASYNC_PF);

	(void)context;
	cpus[cpu_index()].shared = shared;
	cpus[cpu_index()].error = !shared || pv_msr_write(MSR_KVM_ASYNC_PF_EN,
							  (u64)(uintptr_t)shared | KVM_MSR_ENABLED |
								  KVM_ASYNC_PF_SEND_ALWAYS |
								  KVM_ASYNC_PF_DELIVERY_AS_INT);
}

/* Each processor reads pages of its own. */
static void read_pages(void *context)
{
	(void)context;
	for (u64 i = cpu_index(); i < PAGES; i += smp_count())
		cpus[cpu_index()].lost +=
			READ_ONCE(*(u64 *)(void *)(memory + i * PAGE_SIZE)) != i * 3;
}

/* The host may have taken what a processor runs or stands on, behind its last page too. */
static bool is_waiting(void)
{
	for (unsigned int i = 0; i < smp_count(); i++)
		if (READ_ONCE(cpus[i].not_present) != READ_ONCE(cpus[i].answered))
			return true;
	return false;
}

static void wait_for_answers(void)
{
	for (u64 start = clock_ns(); is_waiting() && clock_ns() - start < WAIT_NS;)
		cpu_relax();
}

static int report(void)
{
	unsigned int not_present = 0, answered = 0, without = 0;
	u64 lost = 0, rounds = 0;
	int error = 0;

	for (unsigned int i = 0; i < smp_count(); i++) {
		not_present += cpus[i].not_present;
		answered += cpus[i].answered;
		without += !cpus[i].not_present;
		rounds += cpus[i].rounds;
		lost += cpus[i].lost;
		error |= cpus[i].error;
	}
	printf("on %u: not present: %s, ready: %s, ran meanwhile: %s, contents: %s\n", smp_count(),
	       without ? "not everywhere" : "some", not_present == answered ? "each" : "not each",
	       rounds > not_present ? "yes" : "no", lost ? "lost" : "kept");
	printf("%u not present, %lu rounds\n", not_present, rounds);
	return error;
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	memory = memalign(PAGE_SIZE, PAGES * PAGE_SIZE);
	if (!memory)
		return 1;
	for (u64 i = 0; i < PAGES; i++)
		*(u64 *)(void *)(memory + i * PAGE_SIZE) = i * 3;
	irq_register(VEC_PF, take_fault);
	irq_register(PV_ASYNC_PF_VECTOR, take_ready);
	smp_run(enable, NULL);
	printf("touched\n");
	wait_for_host();
	smp_run(read_pages, NULL);
	wait_for_answers();
	return report();
}

DEFINE_WORKLOAD("test", "async page faults", test);
