/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a change of a page's state is done, no other processor has its old nested translation: one
 * that keeps reading the page, which its own page tables still map, is stopped at once: when the
 * page is not validated any more, or when it is the host's.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --status=4 --platform=snp --smp=3 --trace %t.trace %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 * RUN: %run-guest --status=4 --platform=tdx --smp=3 --trace %t.trace %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 *
 * CHECK: monitor: violation access-{{private-|not-validated}}{{.*}} gpa=0x
 * CHECK-NOT: went on
 * TRACE: cpu{{[12]}} violation name=access-{{private-|not-validated}}
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "abi/ghcb.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/spinlock.h"
#include "paravirt/ghcb.h"
#include "paravirt/tdx.h"

#define READS_BEFORE 10000
#define READS_AFTER  100000

static volatile u64 *page;
static u64 reads[CPU_MAX];
static bool done;

static void read_on(void)
{
	while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
		(void)*page;
		__atomic_store_n(&reads[cpu_index()], reads[cpu_index()] + 1, __ATOMIC_RELAXED);
	}
}

/* All others have read so often since. */
static void wait(u64 count)
{
	u64 begin[CPU_MAX];

	for (unsigned int i = 1; i < smp_count(); i++)
		begin[i] = READ_ONCE(reads[i]);
	for (unsigned int i = 1; i < smp_count(); i++)
		while (READ_ONCE(reads[i]) - begin[i] < count)
			spin_poll();
}

/* The state alone: page tables stay as they are, and nobody is told. */
static void take_away(void)
{
	if (platform.kind == PLATFORM_TDX) {
		tdx_map_gpa(pa_of(page), 1, false);
		return;
	}
	psc_validate(va_of(page), 1, false);
	psc_change(pa_of(page), 1, PSC_OP_SHARED);
}

static void run(void *context)
{
	(void)context;
	if (cpu_index()) {
		read_on();
		return;
	}
	wait(READS_BEFORE);
	take_away();
	wait(READS_AFTER);
	__atomic_store_n(&done, true, __ATOMIC_RELAXED);
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	page = memalign(PAGE_SIZE, PAGE_SIZE);
	if (!page)
		return 1;
	*page = 1;
	smp_run(run, NULL);
	printf("went on\n");
	return 0;
}

DEFINE_WORKLOAD("test", "a page is taken away while all read it", test);
