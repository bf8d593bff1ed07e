/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A processor that took its ticket, and then hangs in its set-up, may run on at any time: nobody
 * changes text under it. Where nothing is private the calls stay indirect, and it finds, when it
 * runs on, that it was given up, without harm to anybody; else the guest ends.
 * The guest is less patient here than it is, by a factor of five: each wait is one of the test's.
 * RUN: %S/Inputs/impatient %t.start.c
 * RUN: %guest-cc %s -o %t --replace=paravirt/pv_select.c=%S/Inputs/smp-adrift.c \
 * RUN:   --replace=kernel/smp_start.c=%t.start.c
 * RUN: %run-guest --platform=plain --mode=emulate --smp=3 %t | FileCheck %s
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=3 --append=early-patch=late %t \
 * RUN:   | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=2 --status=3 %t | FileCheck %s --check-prefix=END
 * RUN: %run-guest --platform=tdx --boot=direct --smp=2 --status=3 %t \
 * RUN:   | FileCheck %s --check-prefix=END
 * And one that is not to be had back from a platform that is given up.
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=2 --status=3 \
 * RUN:   --monitor-option=inject=cpu-setup-fail:0 %t | FileCheck %s --check-prefix=END
 *
 * CHECK: processor 1, APIC id 1, does not start: it hangs in its set-up
 * CHECK: processors: 1 of 3 run
 * CHECK: alternatives: calls stay indirect: processor 1 is missing
 * CHECK-NOT: calls direct
 * CHECK: sites as they were: all
 * CHECK-NEXT: processor 1 ran on, through a site
 * CHECK: exit status 0
 * END: processor 1, APIC id 1, does not start: it hangs in its set-up
 * END: processor 1 is missing, and may run on at any time (reason 12)
 * END-NOT: calls direct
 */
#include <stdio.h>
#include <string.h>

#include "Inputs/smp-adrift.h"
#include "alternatives/alt.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/spinlock.h"

extern const struct alt_site __pv_sites_start[], __pv_sites_end[];

static const char *look(void)
{
	for (const struct alt_site *s = __pv_sites_start; s < __pv_sites_end; s++)
		if (memcmp((const u8 *)&s->insn + s->insn, "\xff\x15", 2))
			return "some";
	return "all";
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	printf("sites as they were: %s\n", look());
	WRITE_ONCE(adrift_runs_on, 1);
	while (!READ_ONCE(adrift_came))
		spin_poll();
	printf("processor %u ran on, through a site\n", adrift_came);
	return 0;
}

DEFINE_WORKLOAD("test", "a processor that is adrift", test);
