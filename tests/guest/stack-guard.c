/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame that is overrun ends the run before it returns: of the kernel's code, and of a
 * workload's.
 * The canary is another one in each run.
 * RUN: %guest-cc %s --kernel %S/Inputs/overrun.c -o %t
 * RUN: %run-guest --platform=plain --status=5 %t -- test kernel | FileCheck %s
 * RUN: %run-guest --platform=plain --status=5 %t -- test workload | FileCheck %s
 * RUN: %run-guest --platform=snp --status=5 %t -- test kernel | FileCheck %s
 * RUN: %run-guest --platform=tdx --boot=direct --status=5 %t -- test kernel | FileCheck %s
 * RUN: %run-guest --platform=snp %t -- test > %t.1
 * RUN: %run-guest --platform=snp %t -- test > %t.2
 * RUN: FileCheck %s --check-prefix=OTHER --input-file=%t.1
 * RUN: not diff %t.1 %t.2
 * CHECK: panic: a stack frame was overrun
 * CHECK-NOT: survived
 * OTHER: canary {{[0-9a-f]+}}00
 */
#include <stdio.h>
#include <string.h>

#include "Inputs/overrun.h"
#include "kernel/workload.h"

extern unsigned long __stack_chk_guard;

static __attribute__((noinline)) int overrun_here(size_t size)
{
	char text[16];
	volatile char *at = text;

	for (size_t i = 0; i < size; i++)
		at[i] = 'x';
	return text[0];
}

static int test(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	size_t size = (size_t)argc * 14; /* which no compiler knows */

	if (!strcmp(what, "kernel"))
		printf("survived %d\n", overrun_kernel(size));
	if (!strcmp(what, "workload"))
		printf("survived %d\n", overrun_here(size));
	printf("canary %lx\n", __stack_chk_guard);
	return 0;
}

DEFINE_WORKLOAD("test", "overruns a frame", test);
