/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the TDX module lets a TD do with its registers, what it refuses with #GP or #UD, and what it
 * leaves to the guest by #VE, which the guest either asks its host for or ends itself at.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 * RUN: %run-guest --platform=tdx --status=3 %t -- mce | FileCheck %s --check-prefix=MCE
 *
 * CHECK: EFER as it is: 0, without NXE: 0x10d
 * CHECK-NEXT: CR0 without NE: 0x10d
 * CHECK-NEXT: x2APIC: version 0x{{[1-9a-f]+}}, register 0: 0x10d, ID written: 0x10d
 * CHECK-NEXT: TPR 0x50 is CR8 0x5, CR8 0x3 is TPR 0x30
 * CHECK-NEXT: RDPMC 0x10d, MONITOR 0, MWAIT 0, VMMCALL 0x106, TSC deadline 0x10d
 * CHECK: exit status 0
 *
 * The processor writes EFER and reads the version through the host; it refuses CR0.NE itself.
 * TRACE: cpu0 msr dir=write msr=0xc0000080 {{.*}}result=0
 * TRACE: cpu0 inject vector=0x14 reason=0x20
 * TRACE: cpu0 tdvmcall function=0x20 a0=0xc0000080 {{.*}}r10=0x8000000000000000
 * TRACE: cpu0 inject vector=0xd error=0x0
 * TRACE: cpu0 inject vector=0x14 reason=0x1f
 * TRACE: cpu0 tdvmcall function=0x1f a0=0x803 {{.*}}r10=0x0
 * TRACE: cpu0 msr dir=read msr=0x800 {{.*}}result=-
 * TRACE: cpu0 inject vector=0x14 reason=0x27
 * TRACE: cpu0 inject vector=0x14 reason=0x24
 *
 * MCE: #VE 0x1c at 0x{{[0-9a-f]+}}: exit reason not supported
 */
#include <stdio.h>

#include "abi/tdx.h"
#include "kernel/workload.h"
#include "lib/cpu.h"

/* 0, or the vector of the fault that @insn raised. */
#define TRY(insn, ...)                                                                             \
	({                                                                                         \
		u64 fault_ = 0;                                                                    \
		__asm__ volatile("1: " insn "\n\t"                                                 \
				 "jmp 3f\n\t"                                                      \
				 "2: mov %%rax, %[fault]\n\t"                                      \
				 "3:\n\t" EXTABLE("1b", "2b")                                      \
				 : [fault] "+r"(fault_)                                            \
				 : __VA_ARGS__                                                     \
				 : "rax", "rdx", "memory");                                        \
		(unsigned int)fault_;                                                              \
	})

static void efer(void)
{
	u64 value = rdmsr(MSR_EFER);
	int same = wrmsr_safe(MSR_EFER, value);
	int changed = wrmsr_safe(MSR_EFER, value & ~(u64)EFER_NXE);

	printf("EFER as it is: %#x, without NXE: %#x\n", same, changed);
}

/* Two names of one register, one of which exits. */
static void tpr(void)
{
	u64 cr8, value;

	wrmsr(X2APIC_MSR(APIC_TPR), 0x50);
	cr8 = read_cr8();
	write_cr8(3);
	value = rdmsr(X2APIC_MSR(APIC_TPR));
	write_cr8(0);
	printf("TPR 0x50 is CR8 %#x, CR8 0x3 is TPR %#x\n", (unsigned int)cr8, (unsigned int)value);
}

static void x2apic(void)
{
	u64 version = rdmsr(X2APIC_MSR(0x30)) & 0xff, value;
	int reserved = rdmsr_safe(MSR_X2APIC_FIRST, &value);
	int id = wrmsr_safe(X2APIC_MSR(APIC_ID), 1);

	printf("x2APIC: version %#lx, register 0: %#x, ID written: %#x\n", version, reserved, id);
}

static int test(int argc, char **argv)
{
	u64 value;

	(void)argc, (void)argv;
	efer();
	printf("CR0 without NE: %#x\n",
	       TRY("mov %[value], %%cr0", [value] "r"(read_cr0() & ~(u64)CR0_NE)));
	x2apic();
	tpr();
	printf("RDPMC %#x, MONITOR %#x, MWAIT %#x, VMMCALL %#x, TSC deadline %#x\n",
	       TRY("rdpmc", "c"(0)), TRY("monitor", "c"(0)), TRY("mwait", "c"(0)),
	       TRY("vmmcall", "c"(0)), rdmsr_safe(MSR_TSC_DEADLINE, &value));
	return 0;
}

static int mce(int argc, char **argv)
{
	(void)argc, (void)argv;
	__asm__ volatile("mov %0, %%cr4" ::"r"(read_cr4() & ~(u64)CR4_MCE) : "memory");
	return 0;
}

DEFINE_WORKLOAD("test", "tries registers", test);
DEFINE_WORKLOAD("mce", "clears CR4.MCE", mce);
