/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TDCALL and SEAMCALL where there is no module are software error codes, with arguments and the
 * caller's registers as they were. Where there is one, it sees exactly the arguments, no RBP, and
 * every register that it changes is in the arguments afterwards.
 * RUN: %guest-cc %s -I%S/Inputs -o %t --replace=early/trap.c=%S/Inputs/tdx-fake.c
 * RUN: %run-guest --platform=plain %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 *
 * CHECK: tdcall: 0x8000ff0000000006, arguments kept, registers kept
 * CHECK-NEXT: seamcall: 0x8000ff0000000006, arguments kept, registers kept
 * CHECK-NEXT: tdcall with #GP: 0x8000ff000000000d, arguments kept, registers kept
 * CHECK-NEXT: module: leaf 0x16, arguments seen, no RBP
 * CHECK-NEXT: answer: 0xc000010000000001, every register, registers kept
 * CHECK-NEXT: host: R10 to R15 of a request, 0x8000000000000003
 */
#include <stdio.h>
#include <string.h>

#include "abi/x86.h"
#include "early/tdcall.h"
#include "kernel/workload.h"
#include "tdx-fake.h"

#define REGISTERS (sizeof(struct tdx_module_args) / sizeof(u64))

static struct trap_frame seen;

static struct tdx_module_args pattern(u64 first)
{
	struct tdx_module_args args;
	u64 words[REGISTERS];

	for (size_t i = 0; i < REGISTERS; i++)
		words[i] = first + i * 0x0101010101010101;
	memcpy(&args, words, sizeof(args));
	return args;
}

static struct tdx_module_args of_frame(const struct trap_frame *f)
{
	return (struct tdx_module_args){ .rcx = f->rcx,
					 .rdx = f->rdx,
					 .r8 = f->r8,
					 .r9 = f->r9,
					 .r10 = f->r10,
					 .r11 = f->r11,
					 .r12 = f->r12,
					 .r13 = f->r13,
					 .r14 = f->r14,
					 .r15 = f->r15,
					 .rbx = f->rbx,
					 .rdi = f->rdi,
					 .rsi = f->rsi };
}

static void to_frame(struct trap_frame *f, const struct tdx_module_args *a)
{
	f->rcx = a->rcx, f->rdx = a->rdx, f->r8 = a->r8, f->r9 = a->r9;
	f->r10 = a->r10, f->r11 = a->r11, f->r12 = a->r12, f->r13 = a->r13;
	f->r14 = a->r14, f->r15 = a->r15, f->rbx = a->rbx, f->rdi = a->rdi;
	f->rsi = a->rsi;
}

static void module(struct trap_frame *frame)
{
	struct tdx_module_args args = pattern(0x77);

	seen = *frame;
	to_frame(frame, &args);
	frame->rax = 0xc000010000000001;
	frame->rbp = 0x1234; /* as old modules do */
}

/* As for a processor that is not in 64-bit mode. */
static void module_faults(struct trap_frame *frame)
{
	frame->vector = VEC_GP;
	frame->error_code = 0;
}

static void host(struct trap_frame *frame)
{
	seen = *frame;
	frame->rax = 0;
	frame->r10 = TDVMCALL_STATUS_SUBFUNC_UNSUPPORTED;
}

/* Calls, and says whether the registers that a caller may rely on are as before. */
static bool kept(u64 (*function)(u64, struct tdx_module_args *), u64 leaf,
		 struct tdx_module_args *args, u64 *status)
{
	register u64 r12 __asm__("r12") = 12, r13 __asm__("r13") = 13;
	register u64 r14 __asm__("r14") = 14, r15 __asm__("r15") = 15;
	u64 rbx = 11, rbp_before, rbp_after, rax = (u64)(uintptr_t)function;

	__asm__ volatile("mov %%rbp, %[before]\n\t"
			 "call *%%rax\n\t"
			 "mov %%rbp, %[after]\n\t"
			 : "+a"(rax), "+b"(rbx), "+D"(leaf), "+S"(args), "+r"(r12), "+r"(r13),
			   "+r"(r14), "+r"(r15), [before] "=m"(rbp_before), [after] "=m"(rbp_after)
			 :
			 : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc", "xmm0", "xmm1",
			   "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
			   "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"); /* the module is C here */
	*status = rax;
	return rbx == 11 && r12 == 12 && r13 == 13 && r14 == 14 && r15 == 15 &&
	       rbp_before == rbp_after;
}

static bool same(const struct tdx_module_args *a, struct tdx_module_args b)
{
	return !memcmp(a, &b, sizeof(b));
}

static void without(const char *name, u64 (*function)(u64, struct tdx_module_args *))
{
	struct tdx_module_args args = pattern(0x55);
	u64 status;
	bool registers = kept(function, 0x16, &args, &status);

	printf("%s: %#lx, arguments %s, registers %s\n", name, status,
	       same(&args, pattern(0x55)) ? "kept" : "changed", registers ? "kept" : "changed");
}

static void with(void)
{
	struct tdx_module_args args = pattern(0x55), in;
	bool registers;
	u64 status;

	tdx_fake = module;
	registers = kept(tdcall, 0x16, &args, &status);
	in = of_frame(&seen);
	printf("module: leaf %#lx, arguments %s, %s RBP\n", seen.rax,
	       same(&in, pattern(0x55)) ? "seen" : "wrong", seen.rbp ? "a" : "no");
	printf("answer: %#lx, %s register, registers %s\n", status,
	       same(&args, pattern(0x77)) ? "every" : "not every", registers ? "kept" : "changed");
}

static void request(void)
{
	struct tdx_module_args args = { .r11 = 0x10001, .r12 = 1, .r13 = 2, .r14 = 3, .r15 = 4 };
	u64 status;
	bool exact;

	tdx_fake = host;
	status = tdvmcall(&args);
	exact = seen.rcx == 0xfc00 && seen.r11 == 0x10001 && seen.r15 == 4 &&
		!(seen.rax | seen.rdx | seen.rbx | seen.rsi | seen.rdi | seen.r8 | seen.r9 |
		  seen.r10 | seen.rbp);
	printf("host: %s of a request, %#lx\n", exact ? "R10 to R15" : "too much", status);
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	without("tdcall", tdcall);
	without("seamcall", seamcall);
	tdx_fake = module_faults;
	without("tdcall with #GP", tdcall);
	with();
	request();
	return 0;
}

DEFINE_WORKLOAD("test", "TDCALL and SEAMCALL", test);
