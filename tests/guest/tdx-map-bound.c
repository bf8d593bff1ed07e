/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MapGPA of 16 TiB is answered as soon as any other: RETRY, with the address that it came to. Who
 * goes on from there comes further, and what is no memory stays refused as private.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 *
 * CHECK: shared: 0x1, 32 MiB further
 * CHECK-NEXT: again: 0x1, 64 MiB further
 * CHECK-NEXT: private: 0x8000000000000000, 0 MiB further
 */
#include <stdio.h>

#include "early/tdcall.h"
#include "early/tdx.h"
#include "kernel/workload.h"

#define START BIT(40)
#define SIZE  BIT(44)

static u64 map(const char *what, u64 gpa, u64 end)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_MAP_GPA, .r12 = gpa, .r13 = end - gpa };
	u64 status = tdvmcall(&args), start = START | (gpa & tdx_info.shared_mask);

	printf("%s: %#lx, %lu MiB further\n", what, status, (args.r11 - start) >> 20);
	return args.r11;
}

static int test(int argc, char **argv)
{
	u64 shared = START | tdx_info.shared_mask;
	u64 next = map("shared", shared, shared + SIZE);

	(void)argc, (void)argv;
	map("again", next, shared + SIZE);
	map("private", START, START + SIZE);
	return 0;
}

DEFINE_WORKLOAD("test", "asks for more than there is", test);
