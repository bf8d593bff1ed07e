/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With DEBUG_SWAP the debug registers are the guest's own, and hardware raises no #VC for them: a
 * host that has it raised all the same, to choose what is read, ends the guest. Here the monitor
 * plays one: DR7 exits as without.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=snp --status=3 --monitor-option=features=debug-swap %t -- test read \
 * RUN:   | FileCheck %s --check-prefix=LIE
 * RUN: %run-guest --platform=snp --status=3 --monitor-option=features=debug-swap %t -- test write \
 * RUN:   | FileCheck %s --check-prefix=LIE
 * CHECK: dr7 0x400
 * LIE: #VC {{.*}} at 0x
 * LIE-NOT: dr7
 */
#include <stdio.h>
#include <string.h>

#include "kernel/workload.h"
#include "lib/cpu.h"

static int test(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "write"))
		write_dr7(0x400);
	printf("dr7 %#llx\n", (unsigned long long)read_dr7());
	return 0;
}

DEFINE_WORKLOAD("test", "the debug registers", test);
