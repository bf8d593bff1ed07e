/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a workload can end, and the status of each: 0 and 1 by return and by exit(), 3 by the
 * protocol's termination, 5 by abort(), assert() and panic(). What stdio still held comes out.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t -- test return 0 | FileCheck %s
 * RUN: %run-guest --status=1 --platform=plain %t -- test return 1 | FileCheck %s
 * RUN: %run-guest --status=1 --platform=plain %t -- test return 256 | FileCheck %s
 * RUN: %run-guest --platform=plain %t -- test exit 0 | FileCheck %s
 * RUN: %run-guest --status=1 --platform=plain %t -- test exit 77 | FileCheck %s
 * CHECK: held back
 *
 * RUN: %run-guest --status=5 --platform=plain %t -- test abort | FileCheck %s --check-prefix=ABORT
 * RUN: %run-guest --status=5 --platform=snp %t -- test abort | FileCheck %s --check-prefix=ABORT
 * ABORT: postern: panic: workload: abort
 * ABORT-NEXT: postern: backtrace:
 * ABORT: abort+
 * ABORT: workload_run+
 * ABORT-NEXT: kernel_main+
 *
 * RUN: %run-guest --status=5 --platform=plain %t -- test assert | \
 * RUN:   FileCheck %s --check-prefix=ASSERT
 * ASSERT: assertion "argc == 17" failed: file "{{.*}}exit-status.c"
 * ASSERT: postern: panic: workload: abort
 *
 * RUN: %run-guest --status=5 --platform=plain %t -- test panic | FileCheck %s --check-prefix=PANIC
 * PANIC: postern: panic: number 42
 * PANIC-NEXT: postern: backtrace:
 * PANIC-NEXT: test+
 * PANIC-NEXT: workload_run+
 *
 * RUN: %run-guest --status=3 --platform=snp %t -- test terminate | \
 * RUN:   FileCheck %s --check-prefix=TERMINATE
 * TERMINATE: monitor: {{.*}}terminat
 */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/ghcb.h"
#include "early/fatal.h"
#include "kernel/workload.h"
#include "lib/panic.h"
#include "paravirt/pv_ops.h"

static int test(int argc, char **argv)
{
	int number = argc > 2 ? atoi(argv[2]) : 0;

	printf("held back"); /* no end of line: stays in stdio's buffer */
	if (!strcmp(argv[1], "return"))
		return number;
	if (!strcmp(argv[1], "exit"))
		exit(number);
	if (!strcmp(argv[1], "abort"))
		abort();
	if (!strcmp(argv[1], "assert"))
		assert(argc == 17);
	if (!strcmp(argv[1], "panic"))
		panic("number %d", 42);
	fatal(TERM_NESTED, "as it was told");
}

DEFINE_WORKLOAD("test", "ends as it is told", test);
