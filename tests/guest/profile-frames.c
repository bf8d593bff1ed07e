/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of the transcript that has no room for all callers has whole ones: a part of an address
 * would be another function's.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=sev-es --trace=%t.trace --trace-events=exit %t | FileCheck %s
 * CHECK: the last exit had 48 callers
 * RUN: grep "frames=ffff888000000000,ffff888000000001," %t.trace > %t.lines
 * RUN: not grep -E "[=,][0-9a-f]{0,15}(,|$)" %t.lines
 */
#include <stdio.h>

#include "abi/ghcb.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "lib/irq.h"

#define CALLERS 48
#define HIGH    U64_C(0xffff888000000000)

/* A VMGEXIT as if that many functions of another kernel, far up, had called each other. */
static void exit_below(volatile u64 (*frames)[2])
{
	u64 flags = irq_save(), ghcb = rdmsr(MSR_GHCB);

	wrmsr(MSR_GHCB, GHCB_MSR_SEV_INFO_REQ);
	__asm__ volatile("push %%rbp\n\t"
			 "mov %0, %%rbp\n\t"
			 "rep; vmmcall\n\t"
			 "pop %%rbp"
			 :
			 : "r"(frames)
			 : "memory");
	wrmsr(MSR_GHCB, ghcb);
	irq_restore(flags);
}

static int test(int argc, char **argv)
{
	volatile u64 frames[CALLERS + 1][2] = { 0 };

	(void)argc, (void)argv;
	for (unsigned int i = 0; i < CALLERS; i++) {
		frames[i][0] = (u64)frames[i + 1];
		frames[i][1] = HIGH + i;
	}
	exit_below(frames);
	printf("the last exit had %u callers\n", CALLERS);
	return 0;
}

DEFINE_WORKLOAD("test", "exits below many callers", test);
