/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NMIs from another processor, at any instruction of requests to the host by each of the ways there
 * are, of conversions and of the exceptions' handlers: the NMI's own requests disturb none of them.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --smp=3 %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --smp=3 %t | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=3 %t | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=3 --monitor-option=features=restricted-injection %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --smp=3 %t | FileCheck %s
 * CHECK: processor 1: enough NMIs, wrong 0, error 0
 * CHECK-NEXT: processor 2: enough NMIs, wrong 0, error 0
 */
#include <malloc.h>
#include <stdio.h>

#include "early/ghcb_msr.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/spinlock.h"
#include "mm/visibility.h"
#include "paravirt/pv_ops.h"

#define ICR_NMI       0x400
#define APIC_BASE_BSP BIT(8)
#define LEAF          0x80000008
#define NMIS          150
#define MARK          U64_C(0x5051525354555657)

static struct __attribute__((aligned(64))) report {
	u64 nmis, wrong;
	int error;
} reports[CPU_MAX];

static u64 *pages[CPU_MAX];
static struct cpuid_regs expected;
static u64 apic_base;
static u8 line_control;
static unsigned int busy;

/* By an exception, by a hook to the host, by another. */
static u64 ask(void)
{
	struct cpuid_regs r = cpuid_raw(LEAF, 0);
	u64 wrong = r.eax != expected.eax || r.ebx != expected.ebx || r.ecx != expected.ecx, base;

	wrong += (u8)pv_io_in(PORT_COM1 + 3, 1) != line_control;
	wrong += inb(PORT_COM1 + 3) != line_control;
	wrong += pv_msr_read(MSR_APIC_BASE, &base) ||
		 (base | APIC_BASE_BSP) != (apic_base | APIC_BASE_BSP);
	return wrong;
}

static void take_nmi(struct trap_frame *frame)
{
	struct report *r = &reports[cpu_index()];

	(void)frame;
	r->wrong += ask();
	__atomic_store_n(&r->nmis, r->nmis + 1, __ATOMIC_RELEASE);
}

static int convert(struct report *r, bool private)
{
	u64 *page = pages[cpu_index()];
	int error = private ? set_memory_encrypted(va_of(page), 1)
			    : set_memory_decrypted(va_of(page), 1);

	WRITE_ONCE(*page, MARK + private);
	r->wrong += READ_ONCE(*page) != MARK + private;
	return error;
}

static void work(struct report *r)
{
	while (!r->error && READ_ONCE(r->nmis) < NMIS) {
		r->wrong += ask();
		if (cc_has(CC_GHCB))
			r->wrong += ghcb_msr_sev_info().version_max < 2;
		r->error = convert(r, false);
		if (!r->error)
			r->error = convert(r, true);
	}
	__atomic_sub_fetch(&busy, 1, __ATOMIC_SEQ_CST);
}

/* One in flight to each, and no two at the same distance. */
static void send(void)
{
	u64 sent[CPU_MAX] = { 0 };

	for (unsigned int round = 0; __atomic_load_n(&busy, __ATOMIC_SEQ_CST); round++) {
		unsigned int cpu = 1 + round % (smp_count() - 1);

		if (__atomic_load_n(&reports[cpu].nmis, __ATOMIC_ACQUIRE) == sent[cpu] &&
		    sent[cpu]++ < NMIS)
			apic_ipi(percpus[cpu].apic_id, ICR_NMI);
		for (unsigned int i = 0; i < round * 7 % 61; i++)
			spin_poll();
	}
}

static void run(void *context)
{
	(void)context;
	if (cpu_index())
		work(&reports[cpu_index()]);
	else
		send();
}

static int test(int argc, char **argv)
{
	u64 wrong = 0;

	(void)argc, (void)argv;
	expected = cpuid_raw(LEAF, 0);
	line_control = inb(PORT_COM1 + 3);
	if (pv_msr_read(MSR_APIC_BASE, &apic_base))
		return 1;
	for (unsigned int cpu = 1; cpu < smp_count(); cpu++)
		pages[cpu] = memalign(PAGE_SIZE, PAGE_SIZE);
	irq_register(VEC_NMI, take_nmi);
	busy = smp_count() - 1;
	smp_run(run, NULL);
	for (unsigned int cpu = 1; cpu < smp_count(); cpu++) {
		const struct report *r = &reports[cpu];

		printf("processor %u: %s NMIs, wrong %llu, error %d\n", cpu,
		       r->nmis < NMIS ? "too few" : "enough", (unsigned long long)r->wrong,
		       -r->error);
		wrong += r->wrong + (u64) !!r->error;
	}
	return wrong != 0;
}

DEFINE_WORKLOAD("test", "NMIs from another processor", test);
