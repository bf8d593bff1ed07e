/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that writes its TSC reads it from there on, as an instruction and as an MSR, and KVM's
 * clock goes on as if nothing had been. A TD's TSC is the module's: its host refuses.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=2 %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s
 * RUN: %run-guest --platform=snp --monitor-option=intercept=rdtsc %t | FileCheck %s
 * RUN: %run-guest --platform=snp --icount %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s --check-prefix=TDX
 * CHECK: forward: ok, clock ok
 * CHECK-NEXT: back: ok, clock ok
 * TDX: refused
 */
#include <stdio.h>

#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_pages.h"

#define FAR   (U64_C(1) << 50)
#define SOON  U64_C(60000000000) /* TSC ticks */
#define LATER 10000000000        /* ns */

static void set(const char *what, u64 tsc)
{
	u64 before, now, after = 0;
	int error = kvmclock_read(&before);
	bool ok;

	wrmsr(MSR_TSC, tsc);
	now = rdtsc();
	error = error ? error : kvmclock_read(&after);
	ok = !error && now - tsc < SOON && rdmsr(MSR_TSC) - tsc < SOON;
	printf("%s: %s, clock %s\n", what, ok ? "ok" : "wrong",
	       after >= before && after - before < LATER ? "ok" : "wrong");
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	if (wrmsr_safe(MSR_TSC, rdtsc())) {
		printf("refused\n");
		return 0;
	}
	set("forward", FAR);
	set("back", 0);
	return 0;
}

DEFINE_WORKLOAD("test", "writes its TSC", test);
