/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With PV EOI an interrupt costs no write to the APIC: the host marks it in the shared page, the
 * guest clears the mark, and the next interrupt still comes. Without, each costs one: by exception
 * and GHCB, by a page that is trapped because there are two processors, or, in a TD, by the MSR,
 * which is the module's and no exit on hardware. What comes after the pages are taken back, at the
 * end, counts no more.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=2 --trace=%t.trace \
 * RUN:   %t | FileCheck %s
 * RUN: sed "/4b564d01 [a-z0-9]*=0x0 /,$d" %t.trace | FileCheck %s -check-prefix=NONE \
 * RUN:   --implicit-check-not="mmio dir=write gpa=0xfee000b0"
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=2 --trace=%t.trace \
 * RUN:   --monitor-option="inject=kvm-hide:64" \
 * RUN:   %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=XAPIC < %t.trace
 * RUN: %run-guest --platform=sev --boot=direct --smp=2 --trace=%t.trace \
 * RUN:   %t | FileCheck %s
 * RUN: sed "/4b564d01 [a-z0-9]*=0x0 /,$d" %t.trace | FileCheck %s -check-prefix=NONE \
 * RUN:   --implicit-check-not="mmio dir=write gpa=0xfee000b0"
 * RUN: %run-guest --platform=sev --boot=direct --smp=2 --trace=%t.trace \
 * RUN:   --monitor-option="inject=kvm-hide:64" \
 * RUN:   %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=XAPIC < %t.trace
 * RUN: %run-guest --platform=sev-es --trace=%t.trace \
 * RUN:   %t | FileCheck %s
 * RUN: sed "/4b564d01 [a-z0-9]*=0x0 /,$d" %t.trace | FileCheck %s -check-prefix=NONE \
 * RUN:   --implicit-check-not="dir=write gpa=0xfee000b0"
 * RUN: %run-guest --platform=sev-es --trace=%t.trace \
 * RUN:   --monitor-option="inject=kvm-hide:64" \
 * RUN:   %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=GHCB < %t.trace
 * RUN: %run-guest --platform=snp --trace=%t.trace \
 * RUN:   %t | FileCheck %s
 * RUN: sed "/4b564d01 [a-z0-9]*=0x0 /,$d" %t.trace | FileCheck %s -check-prefix=NONE \
 * RUN:   --implicit-check-not="dir=write gpa=0xfee000b0"
 * RUN: %run-guest --platform=snp --trace=%t.trace \
 * RUN:   --monitor-option="inject=kvm-hide:64" \
 * RUN:   %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=GHCB < %t.trace
 * RUN: %run-guest --platform=tdx --trace=%t.trace --monitor-option=inject=tdx-pv-pages \
 * RUN:   %t | FileCheck %s
 * RUN: sed "/4b564d01 [a-z0-9]*=0x0 /,$d" %t.trace | FileCheck %s -check-prefix=NONE \
 * RUN:   --implicit-check-not="msr=0x80b"
 * RUN: %run-guest --platform=tdx --trace=%t.trace \
 * RUN:   --monitor-option="inject=tdx-pv-pages inject=kvm-hide:64" \
 * RUN:   %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=TDX < %t.trace
 * CHECK: 20 interrupts
 * NONE-COUNT-20: irq vector=0x50
 * XAPIC-COUNT-20: mmio dir=write gpa=0xfee000b0
 * GHCB-COUNT-20: vmgexit code=0x80000002 info1=0xfee000b0
 * TDX-COUNT-20: msr dir=write msr=0x80b
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
