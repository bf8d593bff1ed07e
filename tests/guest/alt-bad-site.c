/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recorded site that is no call through the table stops the pass that finds it, with its address
 * and its bytes, and is not written.
 * RUN: %guest-cc %s -o %t -DSECTION='".alt_sites"' -DBYTES='"nop; nop; nop; nop; nop; nop"'
 * RUN: %run-guest --status=5 --platform=plain %t | FileCheck %s -check-prefix=BYTES
 * RUN: %guest-cc %s -o %t -DSECTION='".pv_sites"' -DBYTES='"call *log_prefix(%%rip)"'
 * RUN: %run-guest --status=5 --platform=snp %t | FileCheck %s -check-prefix=SLOT
 * BYTES: panic: alternatives: site is no call through memory: 0x{{[0-9a-f]+}} holds 90 90 90 90 90 90
 * SLOT: panic: alternatives: site calls through no slot of the table: 0x{{[0-9a-f]+}} holds ff 15
 */
#include "kernel/workload.h"

static int test(int argc, char **argv)
{
	(void)argv;
	if (argc > 1000)
		__asm__ volatile("1: " BYTES "\n\t"
				 ".pushsection " SECTION ", \"a\"\n\t"
				 ".balign 4\n\t"
				 ".long 1b - .\n\t"
				 ".popsection");
	return 0;
}

DEFINE_WORKLOAD("test", "a site that is none", test);
