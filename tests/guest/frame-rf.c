/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFLAGS in the frame of a fault that is the monitor's has RF, so that a breakpoint on the
 * instruction is not taken again; in that of a trap it has not. SDM vol. 3 17.3.1.1, APM2 13.1.4.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=kvm --mode=emulate %t | FileCheck %s --check-prefixes=CHECK,NATIVE
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s --check-prefixes=CHECK,VC
 * RUN: %run-guest --platform=snp %t | FileCheck %s --check-prefixes=CHECK,VC
 * RUN: %run-guest --platform=tdx %t | FileCheck %s --check-prefixes=CHECK,VE
 * CHECK: #UD: RF
 * CHECK-NEXT: #GP: RF
 * CHECK-NEXT: #BP: no RF
 * CHECK-NEXT: #DB: no RF
 * NATIVE-NEXT: no exception
 * VC-NEXT: #VC: RF
 * VE-NEXT: #VE: RF
 */
#include <stdio.h>

#include "abi/x86.h"
#include "early/platform.h"
#include "early/tdx.h"
#include "early/trap.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

static bool is_testing;
static u64 taken, flags;

/* Goes on behind what raised it: MOV to CR0 has three bytes, what else faults two. */
static void handler(struct trap_frame *frame)
{
	struct ve_info info;

	if (!is_testing) {
		pv_handle_exception(frame);
		return;
	}
	taken = frame->vector;
	flags = frame->rflags;
	frame->rflags &= ~(u64)(RFLAGS_TF | RFLAGS_RF);
	if (taken == VEC_VE && !tdx_ve_info(&info))
		trap_panic(frame);
	if (taken != VEC_BP && taken != VEC_DB)
		frame->rip += taken == VEC_GP ? 3 : 2;
}

static void tell(void)
{
	is_testing = false;
	if (!taken)
		puts("no exception");
	else
		printf("%s: %s\n", trap_name(taken), flags & RFLAGS_RF ? "RF" : "no RF");
	taken = 0;
	is_testing = true;
}

static int test(int argc, char **argv)
{
	u64 no_pe = read_cr0() & ~(u64)CR0_PE;

	(void)argc, (void)argv;
	cli();
	write_cr0(read_cr0() & ~(u64)CR0_WP); /* sealed by now */
	trap_set_handler(handler);
	is_testing = true;
	__asm__ volatile("ud2");
	tell();
	__asm__ volatile("mov %%rax, %%cr0" : : "a"(no_pe)); /* by the monitor */
	tell();
	__asm__ volatile("int3");
	tell();
	__asm__ volatile("pushf; orl %0, (%%rsp); popf; nop" : : "i"(RFLAGS_TF) : "memory", "cc");
	tell();
	__asm__ volatile("wbinvd" : : : "memory");
	tell();
	is_testing = false;
	return 0;
}

DEFINE_WORKLOAD("test", "RF in exception frames", test);
