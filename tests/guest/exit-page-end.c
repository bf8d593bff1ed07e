/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An instruction at the end of a page does not reach the next one, which is shared: the monitor,
 * that looks at what comes next (a VMGEXIT behind WRMSR) or for an operand, does not call it
 * executed. An SEV-ES guest would not end by that: there the page would go to the other view, and
 * fault when the guest uses it next.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=sev-es --trace %t.trace %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=TRACE < %t.trace
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 * RUN: %run-guest --platform=snp --status=4 %t -- test over | FileCheck %s -check-prefix=OVER
 * RUN: %run-guest --platform=tdx --status=4 %t -- test over | FileCheck %s -check-prefix=OVER
 * CHECK: returned
 * CHECK: exit status 0
 *
 * OVER: monitor: violation execute-shared
 *
 * TRACE: port=0x406 size=0x1 value=0x1
 * TRACE-NOT: npf
 * TRACE: port=0x406 size=0x1 value=0x2
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "abi/exit_code.h"
#include "abi/ghcb.h"
#include "early/platform.h"
#include "early/tdx.h"
#include "early/trap.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/visibility.h"
#include "paravirt/pv_ops.h"

#define IOAPIC 0xfec00000

static u8 (*pages)[PAGE_SIZE]; /* two, of the heap */
static void *code;

/* #VE of XLAT, whose operand neither the monitor nor the guest knows. */
static void handler(struct trap_frame *frame)
{
	struct ve_info info;

	if (frame->rip != (u64)code)
		pv_handle_exception(frame);
	else if (frame->vector != VEC_VE || !tdx_ve_info(&info))
		trap_panic(frame);
	else
		frame->rip++;
}

/* @count bytes at the end of the first page; with @over but the last one, which is in the other. */
static void *put(const char *bytes, size_t count, bool over)
{
	u8 *at;

	pages = memalign(PAGE_SIZE, 2 * PAGE_SIZE);
	at = pages[0] + PAGE_SIZE - count + over;
	memcpy(at, bytes, count);
	if (set_memory_decrypted(va_of(pages[1]), 1) ||
	    pgtable_split(mm_pgtable(), va_of(pages), 2 * PAGE_SIZE) ||
	    pgtable_change(mm_pgtable(), va_of(pages), 2 * PAGE_SIZE, PGTABLE_X, PGTABLE_X))
		return NULL;
	return at;
}

/* For the transcript: to a port where nobody listens. */
static void mark(u8 number) { pv_io_out(PORT_TRANSCRIPT, 1, number); }

/* WRMSR of the value that the GHCB MSR has, and RET. */
static void wrmsr_ret(bool over)
{
	u64 value = rdmsr(MSR_GHCB);
	volatile u8 *next;

	code = put("\x0f\x30\xc3", 3, over);
	next = pages[1] + PAGE_SIZE - 1;
	*next = 0x90;
	mark(1);
	__asm__ volatile("call *%0"
			 : "+r"(code)
			 : "a"((u32)value), "d"((u32)(value >> 32)), "c"(MSR_GHCB)
			 : "memory");
	(void)*next;
	mark(2);
}

/* XLAT from a device, and RET. */
static void xlat_ret(bool over)
{
	volatile void *device = mmio_map(pa(IOAPIC), PAGE_SIZE);
	u64 rax = 0;

	code = put("\xd7\xc3", 2, over);
	write_cr0(read_cr0() & ~(u64)CR0_WP); /* sealed by now */
	trap_set_handler(handler);
	__asm__ volatile("call *%1" : "+a"(rax), "+r"(code) : "b"(device) : "memory");
}

static int test(int argc, char **argv)
{
	bool over = argc > 1 && !strcmp(argv[1], "over");

	cli();
	if (platform.kind == PLATFORM_TDX)
		xlat_ret(over);
	else
		wrmsr_ret(over);
	puts("returned");
	return 0;
}

DEFINE_WORKLOAD("test", "an instruction in front of a shared page", test);
