/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hypercall changes RAX and nothing else, whatever stands at its site: the instruction, a call
 * of the thunk, or the early default that asks which platform this is.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=intel %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 * CHECK: patched: kept
 * CHECK-NEXT: through the table: kept
 * CHECK-NEXT: early default: kept
 */
#include <stdio.h>
#include <string.h>

#include "kernel/workload.h"
#include "lib/trap_frame.h"
#include "paravirt/pv_ops.h"

/* Loads every register from 15 words, runs @call, stores them again. RSP is the C code's. */
#define WITH_REGISTERS(call)                                                                       \
	"push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15; push %rsi\n"            \
	"mov 0(%rdi), %r15; mov 8(%rdi), %r14; mov 16(%rdi), %r13; mov 24(%rdi), %r12\n"           \
	"mov 32(%rdi), %r11; mov 40(%rdi), %r10; mov 48(%rdi), %r9; mov 56(%rdi), %r8\n"           \
	"mov 72(%rdi), %rsi; mov 80(%rdi), %rbp; mov 88(%rdi), %rbx; mov 96(%rdi), %rdx\n"         \
	"mov 104(%rdi), %rcx; mov 112(%rdi), %rax; mov 64(%rdi), %rdi\n" call                      \
	"\nxchg %rdi, (%rsp)\n"                                                                    \
	"mov %r15, 0(%rdi); mov %r14, 8(%rdi); mov %r13, 16(%rdi); mov %r12, 24(%rdi)\n"           \
	"mov %r11, 32(%rdi); mov %r10, 40(%rdi); mov %r9, 48(%rdi); mov %r8, 56(%rdi)\n"           \
	"mov %rsi, 72(%rdi); mov %rbp, 80(%rdi); mov %rbx, 88(%rdi); mov %rdx, 96(%rdi)\n"         \
	"mov %rcx, 104(%rdi); mov %rax, 112(%rdi); mov %rdi, %rax\n"                               \
	"pop %rdi; mov %rdi, 64(%rax)\n"                                                           \
	"pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx; ret\n"

/* The offset of `hypercall` in struct pv_ops. */
_Static_assert(offsetof(struct pv_ops, hypercall) == 16, "the sites below say so");

#define SITE                                                                                       \
	"1: call *pv_ops+16(%rip)\n"                                                               \
	".pushsection .alt_sites, \"a\"\n"                                                         \
	".balign 4\n"                                                                              \
	".long 1b - .\n"                                                                           \
	".popsection"

__asm__(".text\nby_site:\n" WITH_REGISTERS(SITE));
__asm__(".text\nby_table:\n" WITH_REGISTERS("call *pv_ops+16(%rip)"));
__asm__(".text\nby_default:\n" WITH_REGISTERS("call hypercall_early"));

void by_site(const u64 *in, u64 *out);
void by_table(const u64 *in, u64 *out);
void by_default(const u64 *in, u64 *out);

static int check(const char *name, void (*call)(const u64 *, u64 *))
{
	u64 in[15], out[15] = { 0 };

	for (unsigned int i = 0; i < 15; i++)
		in[i] = U64_C(0x1111111111111111) * (i + 1);
	in[14] = KVM_HC_VAPIC_POLL_IRQ;
	call(in, out);
	printf("%s: %s, result %ld\n", name, memcmp(in, out, 14 * 8) ? "changed" : "kept",
	       (s64)out[14]);
	for (unsigned int i = 0; i < 14; i++) {
		if (in[i] != out[i])
			printf("register %u: %#lx\n", i, out[i]);
	}
	return memcmp(in, out, 14 * 8) != 0;
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	return check("patched", by_site) | check("through the table", by_table) |
	       check("early default", by_default);
}

DEFINE_WORKLOAD("test", "registers around a hypercall", test);
