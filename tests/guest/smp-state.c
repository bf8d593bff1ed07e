/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every processor runs in the same state, whatever way it came: what one may do, all may, with the
 * same protection, and page attributes mean the same. Each has tables and stacks of its own.
 * MTRRs are firmware's: QEMU's INIT clears them, which others keep.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --smp=3 %t | FileCheck %s
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=3 %t | FileCheck %s
 * RUN: %run-guest --platform=sev --smp=3 %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --smp=3 %t | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=3 %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --boot=direct --smp=3 %t | FileCheck %s
 * CHECK: processors: 3 of 3 run
 * CHECK: cr0 {{[0-9a-f]+}}, cr4 {{[0-9a-f]+}}, efer {{[0-9a-f]+}}, pat 7040600070406, dr7 400
 * CHECK-NEXT: 2 others: the same
 * CHECK-NEXT: tables and stacks: each its own
 */
#include <stdio.h>
#include <string.h>

#include "early/percpu.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/cpu.h"

static struct state {
	u64 cr0, cr3, cr4, efer, pat, dr7, xcr0;
} states[CPU_MAX];

static u64 tables[CPU_MAX], frames[CPU_MAX];

static void look(void *context)
{
	struct state *s = &states[cpu_index()];
	struct table_register gdtr;

	(void)context;
	*s = (struct state){
		.cr0 = read_cr0(),
		.cr3 = read_cr3(),
		.cr4 = read_cr4(),
		.efer = rdmsr(MSR_EFER) & ~(u64)EFER_SVME, /* hidden, where a VMSA must have it */
		.pat = rdmsr(MSR_PAT),
		.dr7 = read_dr7(),
		.xcr0 = read_cr4() & CR4_OSXSAVE ? xgetbv(0) : 0,
	};
	__asm__ volatile("sgdt %0" : "=m"(gdtr));
	tables[cpu_index()] = gdtr.base;
	frames[cpu_index()] = (u64)__builtin_frame_address(0);
}

static int test(int argc, char **argv)
{
	const struct state *first = &states[0];
	unsigned int same = 0, own = 0;

	(void)argc, (void)argv;
	smp_run(look, NULL);
	printf("cr0 %llx, cr4 %llx, efer %llx, pat %llx, dr7 %llx\n",
	       (unsigned long long)first->cr0, (unsigned long long)first->cr4,
	       (unsigned long long)first->efer, (unsigned long long)first->pat,
	       (unsigned long long)first->dr7);
	for (unsigned int cpu = 1; cpu < smp_count(); cpu++) {
		same += !memcmp(first, &states[cpu], sizeof(*first));
		own += tables[cpu] != tables[cpu - 1] &&
		       frames[cpu] - stack_top(cpu, STACK_BOOT) + STACK_SIZE < STACK_SIZE;
	}
	printf("%u others: %s\n", smp_count() - 1, same == smp_count() - 1 ? "the same" : "differ");
	printf("tables and stacks: %s\n", own == smp_count() - 1 ? "each its own" : "shared");
	return 0;
}

DEFINE_WORKLOAD("test", "the state of all processors", test);
