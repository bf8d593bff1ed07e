/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A faulting instruction with an entry in the fixup table goes on at its fixup with the vector and
 * the error code, also of vectors that have a stack of their own, and interrupts stay as they were.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 *
 * CHECK: #UD: 0x106
 * CHECK-NEXT: #DE: 0x100
 * CHECK-NEXT: #BP: 0x103
 * CHECK-NEXT: #GP: 0x8880000010d
 * CHECK-NEXT: #PF read: 0x10e
 * CHECK-NEXT: #PF write to text: 0x30000010e
 * CHECK-NEXT: registers kept: yes, interrupts on: yes
 */
#include <stdio.h>

#include "early/trap.h"
#include "kernel/workload.h"
#include "lib/cpu.h"

/* RAX after @insn, with @input in RCX. */
#define FAULT(insn, input)                                                                         \
	({                                                                                         \
		u64 fault = 0, in = (input);                                                       \
                                                                                                   \
		__asm__ volatile("1: " insn "\n\t2:\n\t" EXTABLE("1b", "2b")                       \
				 : "+a"(fault), "+c"(in)                                           \
				 :                                                                 \
				 : "rdx", "memory");                                               \
		fault;                                                                             \
	})

static const char *kept(void)
{
	u64 rbx = 1, rcx = 2, rdx = 3, rsi = 4, rdi = 5, r8, r15;

	__asm__ volatile("mov $8, %%r8\n\t"
			 "mov $15, %%r15\n\t"
			 "1: ud2\n\t"
			 "2: mov %%r8, %[r8]\n\t"
			 "mov %%r15, %[r15]\n\t" EXTABLE("1b", "2b")
			 : "+b"(rbx), "+c"(rcx), "+d"(rdx), "+S"(rsi),
			   "+D"(rdi), [r8] "=m"(r8), [r15] "=m"(r15)
			 :
			 : "rax", "r8", "r15", "memory");
	return rbx == 1 && rcx == 2 && rdx == 3 && rsi == 4 && rdi == 5 && r8 == 8 && r15 == 15
		       ? "yes"
		       : "no";
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	printf("#UD: %#lx\n", FAULT("ud2", 0));
	printf("#DE: %#lx\n", FAULT("xor %%edx, %%edx; 1: div %%rcx", 0));
	printf("#BP: %#lx\n", FAULT("int3; 1:", 0));
	printf("#GP: %#lx\n", FAULT("mov %%ecx, %%fs", 0x888));
	printf("#PF read: %#lx\n", FAULT("mov (%%rcx), %%rax", U64_C(0x7f0000000000)));
	printf("#PF write to text: %#lx\n",
	       FAULT("mov %%al, (%%rcx)", (u64)(uintptr_t)trap_set_handler));
	printf("registers kept: %s, interrupts on: %s\n", kept(),
	       read_flags() & RFLAGS_IF ? "yes" : "no");
	return 0;
}

DEFINE_WORKLOAD("test", "faults with fixups", test);
