/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vector registers survive every way out of the guest: ymm0 to ymm15 where there is AVX, else their
 * halves, are filled, and compared after TDCALL, SEAMCALL, TDVMCALL, VMGEXIT and interrupts.
 * Outside of a TD, where TDCALL is #UD, a module of the test's own answers TDVMCALL.
 * RUN: %guest-cc %s --kernel %S/Inputs/tdx-calls.c -I%S/Inputs -o %t \
 * RUN:   --replace=early/trap.c=%S/Inputs/tdx-fake.c
 * RUN: %run-guest --platform=plain %t | FileCheck %s -check-prefixes=CHECK,AVX
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s -check-prefixes=CHECK,AVX
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s -check-prefixes=CHECK,AVX
 *
 * AVX: with ymm
 * CHECK: tdcall: kept
 * CHECK-NEXT: seamcall: kept
 * CHECK-NEXT: tdvmcall: kept
 * CHECK-NEXT: host: kept
 * CHECK-NEXT: interrupt: kept
 * CHECK-NEXT: all: kept
 * CHECK-NEXT: a change is seen
 */
#include <stdio.h>
#include <string.h>

#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"
#include "tdx-calls.h"

#define ECX_XSAVE BIT(26)
#define ECX_AVX   BIT(28)
#define XCR0_AVX  7 /* with x87 and SSE */

typedef u8 vectors[16][32];

#define EACH(op)                                                                                   \
	op(0) op(1) op(2) op(3) op(4) op(5) op(6) op(7) op(8) op(9) op(10) op(11) op(12) op(13)    \
		op(14) op(15)
#define STRING(x)    #x
#define OFFSET(n)    STRING(n) "*32(%[v])"
#define LOAD_YMM(n)  "vmovdqu " OFFSET(n) ", %%ymm" STRING(n) "\n\t"
#define STORE_YMM(n) "vmovdqu %%ymm" STRING(n) ", " OFFSET(n) "\n\t"
#define LOAD_XMM(n)  "movdqu " OFFSET(n) ", %%xmm" STRING(n) "\n\t"
#define STORE_XMM(n) "movdqu %%xmm" STRING(n) ", " OFFSET(n) "\n\t"

/* One block: the compiler uses these registers too. RBX keeps the address. */
#define AROUND(load, store)                                                                        \
	__asm__ volatile(EACH(load) "call *%[function]\n\t" EACH(store)                            \
			 : [function] "+r"(between)                                                \
			 : [v] "b"(v)                                                              \
			 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory",  \
			   "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",   \
			   "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15")

static bool has_ymm;

static void around(vectors v, void (*function)(void))
{
	register void (*between)(void) __asm__("r12") = function;

	if (has_ymm)
		AROUND(LOAD_YMM, STORE_YMM);
	else
		AROUND(LOAD_XMM, STORE_XMM);
}

static bool is_kept(void (*function)(void))
{
	vectors before, after;

	for (size_t i = 0; i < sizeof(before); i++)
		((u8 *)before)[i] = (u8)(i * 7 + 1);
	memcpy(after, before, sizeof(after));
	around(after, function);
	return !memcmp(before, after, sizeof(before));
}

static void spoil(void) { __asm__ volatile("pxor %%xmm9, %%xmm9" ::: "xmm9"); }

static void set_up(void)
{
	u32 ecx = pv_cpuid(CPUID_FEATURES, 0).ecx;

	has_ymm = (ecx & ECX_XSAVE) && (ecx & ECX_AVX);
	if (has_ymm) {
		write_cr4(read_cr4() | CR4_OSXSAVE);
		__asm__ volatile("xsetbv" ::"a"(XCR0_AVX), "d"(0), "c"(0));
	}
	printf("with %s\n", has_ymm ? "ymm" : "xmm");
	tdx_calls_init();
}

static int test(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*call)(void);
	} calls[] = {
		{ "tdcall", call_tdcall },       { "seamcall", call_seamcall },
		{ "tdvmcall", call_tdvmcall },   { "host", call_host },
		{ "interrupt", call_interrupt }, { "all", call_all },
	};

	(void)argc, (void)argv;
	set_up();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		printf("%s: %s\n", calls[i].name, is_kept(calls[i].call) ? "kept" : "changed");
	printf("a change is %s\n", is_kept(spoil) ? "not seen" : "seen");
	return 0;
}

DEFINE_WORKLOAD("test", "vector registers around exits", test);
