/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LOCK in front of an instruction that does not take it is #UD (APM3 1.2.5): of each one that the
 * monitor sees, whatever the processor below thinks of it. 7.2's executes them. REX in front of
 * another prefix is ignored (APM3 1.2.7), by 7.2's it is not: with either the guest goes on.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=intel %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 * CHECK: cpuid rdmsr wrmsr wbinvd invd in hypercall cr4: 0 executed
 * CHECK-NEXT: REX: in cr0: 0 wrong
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

/* IN of two bytes, or of four; MOV to CR0 or to CR8: by whether REX counts. */
static int misplaced_rex(void)
{
	const u64 cr0 = read_cr0();
	u64 rax = U64_C(0x1122334455667788), fault = cr0;
	int wrong;

	__asm__ volatile(".byte 0x48, 0x66, 0xed" : "+a"(rax) : "d"(PORT_CMOS));
	wrong = rax != (rax & 0xffffffff) && rax >> 16 != 0x112233445566;
	__asm__ volatile("1: .byte 0x44, 0x2e, 0x0f, 0x22, 0xc0\n\t2:\n\t" EXTABLE("1b", "2b")
			 : "+a"(fault)
			 :
			 : "memory");
	wrong += fault != cr0 && fault != (EXTABLE_FAULT | VEC_GP);
	return wrong + (read_cr0() != cr0);
}

static int test(int argc, char **argv)
{
	int executed = 0, wrong;

	(void)argc, (void)argv;
	executed += LOCKED("cpuid", 0, 0);
	executed += LOCKED("rdmsr", MSR_EFER, 0);
	executed += LOCKED("wrmsr", MSR_KERNEL_GS_BASE, 0);
	executed += LOCKED("wbinvd", 0, 0);
	executed += LOCKED("invd", 0, 0);
	executed += LOCKED("in %%dx, %%al", 0, PORT_CMOS);
	executed += LOCKED("vmmcall", 0, 0);
	executed += LOCKED(".byte 0x0f, 0x01, 0xc1", 0, 0);
	executed += LOCKED(".byte 0x0f, 0x22, 0xe0", 0, 0); /* MOV CR4, RAX */
	printf("cpuid rdmsr wrmsr wbinvd invd in hypercall cr4: %d executed\n", executed);
	wrong = misplaced_rex();
	printf("REX: in cr0: %d wrong\n", wrong);
	return executed + wrong;
}

DEFINE_WORKLOAD("test", "locks what cannot be locked", test);
