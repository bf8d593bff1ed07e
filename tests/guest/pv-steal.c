/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steal clock of each processor says what the host withheld, to the guest's own API: nothing of
 * an honest host's; all of it of one that takes 30 ms now and then, so that kvmclock less the steal
 * clock is the time that the guest had.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=kvm --mode=emulate %t | FileCheck %s -check-prefix=NONE
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=2 --monitor-option=inject=withhold:30 %t \
 * RUN:   | FileCheck %s -check-prefixes=CHECK,TWO
 * RUN: %run-guest --platform=sev --monitor-option=inject=withhold:30 %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --monitor-option=inject=withhold:30 %t | FileCheck %s
 * RUN: %run-guest --platform=snp --monitor-option=inject=withhold:30 %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s -check-prefix=NONE
 * RUN: %run-guest --platform=tdx --monitor-option="inject=tdx-pv-pages inject=withhold:30" %t \
 * RUN:   | FileCheck %s
 * NONE: processor 0: error 0, stolen nothing, had time, the clocks agree
 * CHECK: processor 0: error 0, stolen in pieces of 30 ms, had time, the clocks agree
 * TWO: processor 1: error 0, stolen in pieces of 30 ms, had time, the clocks agree
 */
#include <stdio.h>

#include "early/percpu.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_pages.h"

#define NS_ENOUGH 500000000
#define PIECE_NS  30000000

static struct account {
	u64 elapsed, stolen;
	int error;
} accounts[CPU_MAX];

/* Of both clocks, since @first; the steal clock is read last: what it says is over by then. */
static void look(struct account *a, const struct account *first)
{
	u64 clock, steal;

	a->error |= kvmclock_read(&clock) | steal_time_read(&steal);
	a->elapsed = clock - first->elapsed;
	a->stolen = steal - first->stolen;
}

static void account(void *context)
{
	static const struct account zero;
	struct account *a = &accounts[cpu_index()], first = { 0 };

	(void)context;
	look(&first, &zero);
	a->error = first.error;
	do {
		cpuid_raw(0, 0); /* an exit */
		look(a, &first);
	} while (!a->error && a->elapsed < NS_ENOUGH);
}

static int test(int argc, char **argv)
{
	int failed = 0;

	(void)argc, (void)argv;
	smp_run(account, NULL);
	for (unsigned int cpu = 0; cpu < smp_count(); cpu++) {
		const struct account *a = &accounts[cpu];

		printf("processor %u: error %d, stolen %s, %s, %s\n", cpu, -a->error,
		       !a->stolen             ? "nothing"
		       : a->stolen % PIECE_NS ? "in odd pieces"
					      : "in pieces of 30 ms",
		       a->elapsed > a->stolen ? "had time" : "had no time",
		       a->stolen < a->elapsed + PIECE_NS ? "the clocks agree" : "too much");
		failed |= a->error;
	}
	return failed;
}

DEFINE_WORKLOAD("test", "accounts for stolen time", test);
