/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MapGPA is bounded by what there is to do, not by what is asked: 16 TiB of nothing are answered at
 * once, and of memory as much as takes no other processor's time: RETRY, with the address that it
 * came to, from where it goes on. What is no memory cannot become private.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 *
 * CHECK: nothing: 0{{$}}
 * CHECK-NEXT: memory: 0x1, 32 MiB further
 * CHECK-NEXT: memory: 0x1, 64 MiB further
 * CHECK-NEXT: memory: 0{{$}}
 * CHECK-NEXT: private: 0x8000000000000000, 0 MiB further
 */
#include <malloc.h>
#include <stdio.h>

#include "early/tdcall.h"
#include "early/tdx.h"
#include "kernel/workload.h"

#define NOTHING BIT(40)
#define MEMORY  (U64_C(80) << 20)

/* Returns where it goes on; @end: all is done. */
static u64 map(const char *what, u64 start, u64 gpa, u64 end)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_MAP_GPA, .r12 = gpa, .r13 = end - gpa };
	u64 status = tdvmcall(&args);

	printf("%s: %#lx", what, status);
	if (status)
		printf(", %lu MiB further", (args.r11 - start) >> 20);
	printf("\n");
	return status ? args.r11 : end;
}

/* Nothing of it is used again: it is shared behind the page tables' back. */
static int test(int argc, char **argv)
{
	u64 shared = tdx_info.shared_mask, memory = (u64)memalign(PAGE_2M_SIZE, MEMORY) | shared;

	(void)argc, (void)argv;
	if (memory == shared)
		return 1;
	map("nothing", 0, NOTHING | shared, (NOTHING | shared) + BIT(44));
	for (u64 next = memory; next < memory + MEMORY;)
		next = map("memory", memory, next, memory + MEMORY);
	map("private", NOTHING, NOTHING, NOTHING + BIT(44));
	return 0;
}

DEFINE_WORKLOAD("test", "asks for more than there is", test);
