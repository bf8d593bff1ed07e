/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD's last words are its own, also where they go over the end of a page behind which the machine
 * has something else: what the TD has at 0xa0000 lies elsewhere there. And where the second page is
 * none of its memory, or private, there are no words at all.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx --status=3 %t | FileCheck %s -check-prefix=BOTH
 * RUN: %run-guest --platform=tdx --status=3 %t -- test private | FileCheck %s -check-prefix=NONE
 * RUN: %run-guest --platform=tdx --status=3 %t -- test device | FileCheck %s -check-prefix=NONE
 * BOTH: fatal error code 0x8000000000000000 "{{A+B+}}" at
 * NONE: fatal error code 0x8000000000000000 "" at
 */
#include <stdio.h>
#include <string.h>

#include "abi/tdx.h"
#include "early/platform.h"
#include "early/tdcall.h"
#include "kernel/workload.h"
#include "mm/mm.h"
#include "mm/pgtable.h"

#define FIRST  U64_C(0x9f000) /* the next one is in the PC's hole, where this TD has memory */
#define IOAPIC U64_C(0xfec00000)
#define HALF   128

/* One page, from @gpa on, that the host sees; NULL: refused. */
static char *shared_page(u64 gpa)
{
	struct tdx_module_args args = {
		.r10 = TDVMCALL_STANDARD,
		.r11 = TDVMCALL_MAP_GPA,
		.r12 = gpa | platform.shared_mask,
		.r13 = PAGE_SIZE,
		.rcx = TDVMCALL_EXPOSE_REGS_MASK,
	};

	if (tdcall(TDG_VP_VMCALL, &args) || args.r10 ||
	    pgtable_map(mm_pgtable(), va(gpa), pa(gpa), PAGE_SIZE, PGTABLE_W | PGTABLE_SHARED))
		return NULL;
	return (char *)gpa;
}

static int test(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "both";
	u64 first = strcmp(what, "device") ? FIRST : IOAPIC - PAGE_SIZE;
	struct tdx_module_args args = {
		.r10 = TDVMCALL_STANDARD,
		.r11 = TDVMCALL_REPORT_FATAL_ERROR,
		.r12 = TDX_FATAL_GPA_VALID,
		.r13 = (first + PAGE_SIZE - HALF) | platform.shared_mask,
		.rcx = TDVMCALL_EXPOSE_REGS_MASK,
	};
	char *page;

	if (first == FIRST) {
		page = shared_page(FIRST);
		if (!page)
			return 1;
		memset(page + PAGE_SIZE - HALF, 'A', HALF);
	}
	if (!strcmp(what, "both")) {
		page = shared_page(FIRST + PAGE_SIZE);
		if (!page)
			return 1;
		memset(page, 'B', PAGE_SIZE);
	}
	return (int)tdcall(TDG_VP_VMCALL, &args);
}

DEFINE_WORKLOAD("test", "ends by a message over the end of a page", test);
