/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page at 0 is memory like any other: instructions that exit may lie in it.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=kvm --mode=emulate %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 * CHECK: executed in page 0
 * CHECK: exit status 0
 */
#include <stdio.h>
#include <string.h>

#include "abi/x86.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "paravirt/pv_ops.h"

/* MOV to CR0, without WP and with it again: mov %rax, %cr0; mov %rsi, %cr0; ret */
static const char code[] = "\x0f\x22\xc0\x0f\x22\xc6\xc3";

/* At 0 for the guest too: it accepts its memory by that address. The compiler may not know. */
static u8 *volatile zero;

static bool map_page_zero(void)
{
	if (pgtable_map(mm_pgtable(), va_of(zero), pa(0), PAGE_SIZE, PGTABLE_W | PGTABLE_X) ||
	    pv_accept_memory(pa(0), PAGE_SIZE))
		return false;
	memcpy(zero, code, sizeof(code));
	return true;
}

static int test(int argc, char **argv)
{
	u64 cr0 = read_cr0();

	(void)argc, (void)argv;
	if (!map_page_zero())
		return 1;
	cli();
	__asm__ volatile("call *%1" : : "a"(cr0 & ~(u64)CR0_WP), "r"(zero), "S"(cr0) : "memory");
	puts("executed in page 0");
	return 0;
}

DEFINE_WORKLOAD("test", "instructions in page 0", test);
