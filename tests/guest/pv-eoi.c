/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With PV EOI an interrupt costs no write to the APIC: the host marks it in the shared page, the
 * guest clears the mark, and the next interrupt still comes.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s
 * RUN: %run-guest --platform=snp --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=TRACE --implicit-check-not=gpa=0xfee000b0 < %t.trace
 * RUN: %run-guest --platform=tdx --monitor-option=inject=tdx-pv-pages --trace=%t.tdx %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=TDX --implicit-check-not=msr=0x80b < %t.tdx
 * CHECK: 20 interrupts
 * TRACE: dir=write gpa=0xfee00300 size=0x4 value=0x44050 result=0
 * TDX: tdvmcall function=0x20 a0=0x830 a1=0x44050 {{.*}}r10=0x0
 */
#include <stdio.h>

#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"

#define VECTOR 0x50
#define COUNT  20

static volatile unsigned int taken;

static void handler(struct trap_frame *frame)
{
	(void)frame;
	taken++;
	apic_eoi();
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	irq_register(VECTOR, handler);
	for (unsigned int i = 0; i < COUNT; i++) {
		apic_self_ipi(VECTOR);
		while (taken <= i)
			cpu_relax();
	}
	printf("%u interrupts\n", taken);
	return taken != COUNT;
}

DEFINE_WORKLOAD("test", "end of interrupt without an exit", test);
