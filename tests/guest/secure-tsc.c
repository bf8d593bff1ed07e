/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secure TSC: the firmware tells scale and offset by one message that the host cannot read; the
 * TSC counts from the launch, at the firmware's rate, alike on every processor; a host that
 * intercepts RDTSC or its rate all the same ends the guest. One that is busy is asked again.
 * Without the feature the log says that time is the host's word, and no message is sent.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --monitor-option=features=secure-tsc --trace %t.trace %t | \
 * RUN:   FileCheck %s --check-prefixes=CHECK,ONE
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 * RUN: %run-guest --platform=snp --smp 4 --trace %t.busy \
 * RUN:   --monitor-option="features=secure-tsc inject=message-busy:2" %t | \
 * RUN:   FileCheck %s --check-prefixes=CHECK,FOUR
 * RUN: FileCheck %s --check-prefix=BUSY --input-file=%t.busy
 * RUN: %run-guest --status=3 --platform=snp \
 * RUN:   --monitor-option="features=secure-tsc intercept=rdtsc" %t | \
 * RUN:   FileCheck %s --check-prefix=LIE
 * RUN: %run-guest --platform=snp --trace %t.host %t -- whose | FileCheck %s --check-prefix=HOST
 * RUN: FileCheck %s --check-prefix=NONE --input-file=%t.host
 * CHECK: platform: snp (emulated), {{.*}}, time is the firmware's word
 * CHECK: counts from the launch
 * ONE: 1 processors count alike
 * FOUR: 4 processors count alike
 * TRACE: cpu0 vmgexit code=0x80000011 {{.*}}result=0x0 value=0x0
 * TRACE-NOT: code=0x80000011
 * BUSY-COUNT-2: vmgexit code=0x80000011 {{.*}}result=0x0 value=0x200000000
 * BUSY: vmgexit code=0x80000011 {{.*}}result=0x0 value=0x0
 * BUSY-NOT: code=0x80000011
 * LIE: reason set 0x1 code 0xe
 * HOST: platform: snp (emulated), {{.*}}, time is the host's word
 * NONE-NOT: code=0x80000011
 * NONE: # total
 */
#include <stdio.h>

#include "early/percpu.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "paravirt/snp.h"

#define ROUNDS  2000
#define MINUTES 10

static u64 last; /* what any processor read */
static unsigned int backwards, processors;

/* Each reads behind whoever read before it: a TSC that is behind another's is seen to go back. */
static void read_in_turn(void *context)
{
	(void)context;
	__atomic_fetch_add(&processors, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < ROUNDS; i++) {
		u64 seen = __atomic_load_n(&last, __ATOMIC_ACQUIRE), now;

		now = rdtsc();
		if (now < seen)
			__atomic_fetch_add(&backwards, 1, __ATOMIC_RELAXED);
		while (seen < now &&
		       !__atomic_compare_exchange_n(&last, &seen, now, false, __ATOMIC_ACQ_REL,
						    __ATOMIC_ACQUIRE))
			;
	}
}

static int test(int argc, char **argv)
{
	u64 khz = time_tsc_khz();

	(void)argc, (void)argv;
	if (khz != secure_tsc_khz() || !khz || rdtsc() / khz / 1000 > 60 * MINUTES)
		return 1;
	puts("counts from the launch");
	smp_run(read_in_turn, NULL);
	printf("%u processors count alike\n", processors);
	return backwards != 0;
}

static int whose(int argc, char **argv)
{
	(void)argc, (void)argv;
	return secure_tsc_is_on() || secure_tsc_khz();
}

DEFINE_WORKLOAD("test", "reads the TSC on every processor", test);
DEFINE_WORKLOAD("whose", "has no Secure TSC", whose);
