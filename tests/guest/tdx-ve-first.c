/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A #VE handler that exits before it has asked for TDG.VP.VEINFO.GET gets #DF, and what it should
 * have asked for is kept: the module's rule that the guest's handler obeys.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx --status=3 --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=TRACE < %t.trace
 *
 * CHECK: monitor: the guest terminated itself: {{.*}} "#DF 0x0, kept: #VE 31 at RDMSR"
 * TRACE: inject vector=0x8 error=0x0
 * TRACE-NEXT: tdcall leaf=0x3 {{.*}}status=0x0 result=0x1f,
 */
#include "early/fatal.h"
#include "early/tdx.h"
#include "early/trap.h"
#include "kernel/workload.h"
#include "lib/cpu.h"

#define RDMSR_LENGTH 2

static void handler(struct trap_frame *frame)
{
	struct ve_info info;

	if (frame->vector == VEC_VE)
		cpuid_raw(0x40000000, 0);
	if (frame->vector != VEC_DF || !tdx_ve_info(&info))
		fatal(1, "vector %lu", frame->vector);
	fatal(1, "#DF %#lx, kept: #VE %u at %s", frame->error_code, info.reason,
	      info.insn_length == RDMSR_LENGTH ? "RDMSR" : "?");
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	cli();
	write_cr0(read_cr0() & ~(u64)CR0_WP); /* sealed by now */
	trap_set_handler(handler);
	return (int)rdmsr(MSR_APIC_BASE);
}

DEFINE_WORKLOAD("test", "a #VE handler that exits too early", test);
