/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page that the guest registers with KVM and forgot to share stays empty, and the guest says
 * which; with all pages shared, the clock runs and no page is missed.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp %t | FileCheck %s -check-prefix=GOOD
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s -check-prefix=GOOD
 * RUN: %guest-cc %s -o %t.clock --replace=paravirt/pv_pages.c=%s -DFORGOTTEN=PV_PAGE_CLOCK
 * RUN: %run-guest --platform=snp --status=1 %t.clock | FileCheck %s -check-prefix=CLOCK
 * RUN: %guest-cc %s -o %t.steal --replace=paravirt/pv_pages.c=%s -DFORGOTTEN=PV_PAGE_STEAL_TIME
 * RUN: %run-guest --platform=snp --status=1 %t.steal | FileCheck %s -check-prefix=STEAL
 *
 * GOOD-NOT: stayed empty
 * GOOD: kvmclock 0, goes forward; steal time 0; 0 pages empty
 * CLOCK: the page for kvmclock stayed empty: it is registered, but not shared
 * CLOCK: kvmclock -5, stands; steal time 0; 1 pages empty
 * STEAL: the page for steal time stayed empty: it is registered, but not shared
 * STEAL: kvmclock 0, goes forward; steal time -5; 1 pages empty
 */
#ifdef __SSE__
#include <stdio.h>

#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_pages.h"

static int test(int argc, char **argv)
{
	u64 before = 0, after = 0, steal = 0;
	unsigned int empty = pv_pages_check();
	int clock = kvmclock_read(&before), stolen = steal_time_read(&steal);

	(void)argc, (void)argv;
	for (unsigned int i = 0; i < 1000; i++)
		cpu_relax();
	clock |= kvmclock_read(&after);
	printf("kvmclock %d, %s; steal time %d; %u pages empty\n", clock,
	       after > before ? "goes forward" : "stands", stolen, empty);
	return empty != 0;
}

DEFINE_WORKLOAD("test", "reads what the host writes", test);
#else
#define pv_pages_share share_all
#include "paravirt/pv_pages.c"
#undef pv_pages_share

void pv_pages_share(void);

/* As if one had been left out: it is private, and as it was, when the host is told of it. */
void pv_pages_share(void)
{
	share_all();
	unshare(0, BIT(FORGOTTEN), early_set_memory_encrypted);
	memset(pages[0][FORGOTTEN], 0, PAGE_SIZE);
}
#endif
