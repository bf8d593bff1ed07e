/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steal time says what the host took: nothing, as long as it takes nothing, and all of it when it
 * does, in a page that is consistent whenever it is read. A host that refuses the registration says
 * so by #GP, and leaves the page alone.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s --check-prefix=NONE
 * RUN: %run-guest --platform=plain --mode=emulate --monitor-option=inject=withhold:30 %t | FileCheck %s
 * NONE: registered: 0, stolen: 0 times 30 ms and 0 ns, torn 0
 * CHECK: registered: 0, stolen: {{[2-9]|[1-9][0-9]+}} times 30 ms and 0 ns, torn 0
 */
#include <stdio.h>

#include "abi/kvm_para.h"
#include "kernel/workload.h"
#include "lib/cpu.h"

#define MS_30  U64_C(30000000)
#define ROUNDS 30000

static u8 page[PAGE_SIZE] __aligned_page;

static int test(int argc, char **argv)
{
	volatile struct kvm_steal_time *steal = (void *)page;
	u64 before, stolen = 0;
	int error, torn = 0;

	(void)argc, (void)argv;
	error = wrmsr_safe(MSR_KVM_STEAL_TIME, (u64)page | KVM_MSR_ENABLED);
	before = steal->steal;
	for (int i = 0; i < ROUNDS && stolen < 2 * MS_30; i++) {
		cpuid_raw(0, 0); /* an exit */
		torn += steal->version & 1 || steal->preempted || steal->steal - before < stolen;
		stolen = steal->steal - before;
	}
	printf("registered: %d, stolen: %llu times 30 ms and %llu ns, torn %d\n", error,
	       (unsigned long long)(stolen / MS_30), (unsigned long long)(stolen % MS_30), torn);
	return wrmsr_safe(MSR_KVM_STEAL_TIME, 0);
}

DEFINE_WORKLOAD("test", "steal time", test);
