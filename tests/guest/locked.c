/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LOCK in front of an instruction that does not take it is #UD (APM3 1.2.5): of each one that the
 * monitor sees, whatever the processor below thinks of it. 7.2's executes them.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=intel %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 * CHECK: cpuid rdmsr wrmsr wbinvd invd in hypercall: 0 executed
 * CHECK: exit status 0
 */
#include <stdio.h>

#include "abi/x86.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "lib/extable.h"

#define PORT_CMOS 0x71

/* 1 where it is no #UD. */
#define LOCKED(insn, rcx, rdx)                                                                     \
	({                                                                                         \
		u64 rax = 0;                                                                       \
                                                                                                   \
		__asm__ volatile("1: .byte 0xf0\n\t" insn "\n\t2:\n\t" EXTABLE("1b", "2b")         \
				 : "+a"(rax)                                                       \
				 : "c"((u64)(rcx)), "d"((u64)(rdx))                                \
				 : "rbx", "memory");                                               \
		rax != (EXTABLE_FAULT | VEC_UD);                                                   \
	})

static int test(int argc, char **argv)
{
	int executed = 0;

	(void)argc, (void)argv;
	executed += LOCKED("cpuid", 0, 0);
	executed += LOCKED("rdmsr", MSR_EFER, 0);
	executed += LOCKED("wrmsr", MSR_KERNEL_GS_BASE, 0);
	executed += LOCKED("wbinvd", 0, 0);
	executed += LOCKED("invd", 0, 0);
	executed += LOCKED("in %%dx, %%al", 0, PORT_CMOS);
	executed += LOCKED("vmmcall", 0, 0);
	executed += LOCKED(".byte 0x0f, 0x01, 0xc1", 0, 0);
	printf("cpuid rdmsr wrmsr wbinvd invd in hypercall: %d executed\n", executed);
	return executed;
}

DEFINE_WORKLOAD("test", "locks what cannot be locked", test);
