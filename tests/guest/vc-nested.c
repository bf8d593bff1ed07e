/* SPDX-License-Identifier: Apache-2.0 */
/*
 * #VC inside #VC: a slot of the stack for each of three levels, and the end by protocol at the
 * fourth, since what is below belongs to somebody else.
 * RUN: %guest-cc %s -o %t --replace paravirt/vc.c=%s
 * RUN: %run-guest --platform=snp %t -- test 2 | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t -- test 2 | FileCheck %s
 * CHECK: 2 levels more: the same
 * RUN: %run-guest --status=3 --platform=snp %t -- test 3 | FileCheck %s --check-prefix=END
 * RUN: %run-guest --status=3 --platform=sev-es %t -- test 3 | FileCheck %s --check-prefix=END
 * END-NOT: the same
 * END: monitor: the guest terminated itself: reason set 0x1 code 0x9
 */
#ifdef __SSE__
#include <stdio.h>
#include <stdlib.h>

#include "abi/bits.h"
#include "kernel/workload.h"
#include "lib/cpu.h"

extern volatile int vc_levels;

static int test(int argc, char **argv)
{
	struct cpuid_regs once = cpuid_raw(0x80000008, 0), deep;

	vc_levels = argc > 1 ? atoi(argv[1]) : 0;
	deep = cpuid_raw(0x80000008, 0);
	printf("%s levels more: %s\n", argv[1],
	       once.eax == deep.eax && once.ecx == deep.ecx && !vc_levels ? "the same" : "wrong");
	return 0;
}

DEFINE_WORKLOAD("test", "raises #VC inside #VC", test);
#else
#define vc_handle true_vc_handle
#include "paravirt/vc.c"
#undef vc_handle

extern volatile int vc_levels;
volatile int vc_levels;

void vc_handle(struct trap_frame *frame);

void vc_handle(struct trap_frame *frame)
{
	if (vc_levels) {
		vc_levels = vc_levels - 1;
		cpuid_raw(0, 0);
	}
	true_vc_handle(frame);
}
#endif
