/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What exits is what is there now: an instruction that is rewritten between two exits at the same
 * address, or whose page is mapped elsewhere, is executed with its new length and registers.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * CHECK: 0 of 256 rewritten wrong, 0 of 256 mapped wrong
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "abi/x86.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/pgtable.h"

#define ROUNDS 256
#define EFER_0 0x1234 /* not what a register of it is */

/* RDMSR behind @prefixes DS prefixes, and RET. */
static void put(u8 *at, unsigned int prefixes)
{
	static const u8 rest[] = { 0x0f, 0x32, 0xc3 };

	memset(at, 0x3e, prefixes);
	memcpy(at + prefixes, rest, sizeof(rest));
}

/* The low half of EFER by the code at @at: whatever else it is executed as. */
static bool is_right(const u8 *at)
{
	u32 low = EFER_0, high;

	__asm__ volatile("call *%2" : "+a"(low), "=d"(high) : "r"(at), "c"(MSR_EFER) : "memory");
	return low == (u32)rdmsr(MSR_EFER) && !high;
}

static int map(u8 *at, const u8 *page)
{
	int error = pgtable_unmap(mm_pgtable(), va_of(at), PAGE_SIZE);

	return error ? error
		     : pgtable_map(mm_pgtable(), va_of(at), va_to_pa(va_of(page)), PAGE_SIZE,
				   PGTABLE_W | PGTABLE_X);
}

static int test(int argc, char **argv)
{
	u8 *at = memalign(PAGE_SIZE, PAGE_SIZE), *pages = memalign(PAGE_SIZE, 4 * PAGE_SIZE);
	int rewritten = 0, mapped = 0;

	(void)argc, (void)argv;
	if (pgtable_split(mm_pgtable(), va_of(at), PAGE_SIZE) || map(at, at))
		return 1;
	for (unsigned int i = 0; i < ROUNDS; i++) {
		put(at, i * 5 % 4);
		rewritten += !is_right(at) + !is_right(at);
	}
	for (unsigned int i = 0; i < 4; i++)
		put(pages + i * PAGE_SIZE, i);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		if (map(at, pages + i * 5 % 4 * PAGE_SIZE))
			return 1;
		mapped += !is_right(at) + !is_right(at);
	}
	printf("%d of %d rewritten wrong, %d of %d mapped wrong\n", rewritten, ROUNDS, mapped,
	       ROUNDS);
	return map(at, at) || rewritten || mapped;
}

DEFINE_WORKLOAD("test", "rewrites what exits", test);
