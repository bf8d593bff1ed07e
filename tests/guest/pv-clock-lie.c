/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that vouches for its clock, and whose clock goes back all the same, ends the guest with a
 * reason of its own; an honest one is read for as long, and never goes back.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=kvm --mode=emulate %t | FileCheck %s -check-prefix=GOOD
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=2 %t | FileCheck %s -check-prefix=GOOD
 * RUN: %run-guest --platform=snp --smp=2 %t | FileCheck %s -check-prefix=GOOD
 * RUN: %run-guest --platform=tdx --smp=2 --monitor-option=inject=tdx-pv-pages %t \
 * RUN:   | FileCheck %s -check-prefix=GOOD
 * RUN: %run-guest --platform=kvm --mode=emulate --status=3 \
 * RUN:   --monitor-option=inject=clock-back:100 %t | FileCheck %s -check-prefixes=BAD,PORT
 * RUN: %run-guest --platform=sev --status=3 --monitor-option=inject=clock-back:100 %t \
 * RUN:   | FileCheck %s -check-prefixes=BAD,PORT
 * RUN: %run-guest --platform=sev-es --status=3 --monitor-option=inject=clock-back:100 %t \
 * RUN:   | FileCheck %s -check-prefixes=BAD,GHCB
 * RUN: %run-guest --platform=snp --status=3 --monitor-option=inject=clock-back:100 %t \
 * RUN:   | FileCheck %s -check-prefixes=BAD,GHCB
 * RUN: %run-guest --platform=tdx --status=3 \
 * RUN:   --monitor-option="inject=tdx-pv-pages inject=clock-back:100" %t \
 * RUN:   | FileCheck %s -check-prefixes=BAD,TDX
 * GOOD: 0 steps back
 * BAD: postern: kvmclock went back by {{[1-9][0-9]*}} ns, and the host vouched that it never does
 * PORT: exit status 3
 * GHCB: monitor: the guest terminated itself: reason set 0x1 code 0xe
 * TDX: monitor: the guest terminated itself: fatal error code 0xe00000000
 */
#include <stdio.h>

#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_pages.h"

#define NS_MAX 600000000

static u64 latest, steps_back;

/* Every processor, until the clock of the first says that it is over. */
static void read_clock(void *context)
{
	u64 start, now;

	(void)context;
	if (kvmclock_read(&start))
		return;
	do {
		u64 seen = __atomic_load_n(&latest, __ATOMIC_ACQUIRE);

		if (kvmclock_read(&now))
			return;
		if (now < seen)
			__atomic_add_fetch(&steps_back, 1, __ATOMIC_RELAXED);
		__atomic_store_n(&latest, now, __ATOMIC_RELEASE);
		cpuid_raw(0, 0); /* an exit */
	} while (now - start < NS_MAX);
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	smp_run(read_clock, NULL);
	printf("%llu steps back\n", (unsigned long long)steps_back);
	return steps_back || !latest;
}

DEFINE_WORKLOAD("test", "a clock that goes back", test);
