/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The x2APIC that the host's processor promises: its mode, its registers, an interrupt to itself,
 * and what is #GP.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: %S/Inputs/run %build %t | FileCheck %s
 * CHECK: off until EXTD
 * CHECK-NEXT: ids
 * CHECK-NEXT: an interrupt by ICR, by SELF_IPI, by a logical id
 * CHECK-NEXT: nobody has the id 255, nor a greater one; all are 32 ones
 * CHECK-NEXT: what there is not is #GP
 * CHECK-NEXT: no way back but by off
 * CHECK: QEMU's status 33
 */
#include <stdio.h>

#include "abi/tdx.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "../Inputs/must.h"

#define VECTOR   0x51
#define LOGICAL  0x800
#define SELF     0x40000
#define REG(reg) X2APIC_MSR(APIC_##reg)

static volatile unsigned int taken;

static __attribute__((target("general-regs-only"))) void handler(struct trap_frame *frame)
{
	(void)frame;
	taken++;
	wrmsr(REG(EOI), 0);
}

/* Whether as many interrupts as @count have come, soon. */
static bool comes(unsigned int count)
{
	for (unsigned int i = 0; i < 1000000 && taken < count; i++)
		__asm__ volatile("pause");
	return taken == count;
}

static int interrupts(void)
{
	irq_register(VECTOR, handler);
	wrmsr(REG(ICR_LOW), VECTOR);
	MUST(comes(1));
	wrmsr(REG(SELF_IPI), VECTOR);
	MUST(comes(2));
	wrmsr(REG(ICR_LOW), U64_C(1) << 32 | LOGICAL | VECTOR);
	MUST(comes(3) && rdmsr(REG(ICR_LOW)) << 32 >> 32 == (LOGICAL | VECTOR));
	wrmsr(REG(ICR_LOW), U64_C(0x10001) << 32 | LOGICAL | VECTOR);
	MUST(comes(3));
	printf("an interrupt by ICR, by SELF_IPI, by a logical id\n");
	return 0;
}

/* Had one of the first three come, there would be more at the end. */
static int nobody(void)
{
	taken = 0;
	wrmsr(REG(ICR_LOW), U64_C(0xff) << 32 | VECTOR);
	wrmsr(REG(ICR_LOW), U64_C(0x100) << 32 | VECTOR);
	wrmsr(REG(ICR_LOW), U64_C(0xfffffffe) << 32 | VECTOR);
	MUST(comes(0));
	wrmsr(REG(ICR_LOW), U64_C(0x100) << 32 | SELF | VECTOR);
	MUST(comes(1));
	wrmsr(REG(ICR_LOW), U64_C(0xffffffff) << 32 | VECTOR);
	MUST(comes(2));
	printf("nobody has the id 255, nor a greater one; all are 32 ones\n");
	return 0;
}

static int workload(int argc, char **argv)
{
	u64 base = rdmsr(MSR_APIC_BASE), value;

	(void)argc, (void)argv;
	MUST(cpuid_raw(CPUID_FEATURES, 0).ecx & CPUID_FEATURES_ECX_X2APIC);
	MUST(!(base & APIC_BASE_EXTD) && rdmsr_safe(REG(ID), &value));
	printf("off until EXTD\n");
	MUST(!wrmsr_safe(MSR_APIC_BASE, base | APIC_BASE_EXTD));
	MUST(rdmsr(MSR_APIC_BASE) == (base | APIC_BASE_EXTD));
	MUST(rdmsr(REG(ID)) == 0 && rdmsr(REG(LDR)) == 1);
	printf("ids\n");
	if (interrupts() || nobody())
		return 1;
	MUST(wrmsr_safe(REG(ID), 0) && wrmsr_safe(REG(LDR), 0) && wrmsr_safe(REG(EOI), 1));
	MUST(rdmsr_safe(REG(EOI), &value) && rdmsr_safe(X2APIC_MSR(0x310), &value));
	printf("what there is not is #GP\n");
	MUST(wrmsr_safe(MSR_APIC_BASE, base));
	MUST(!wrmsr_safe(MSR_APIC_BASE, base & ~(u64)(APIC_BASE_ENABLE | APIC_BASE_EXTD)));
	MUST(wrmsr_safe(MSR_APIC_BASE, base | APIC_BASE_EXTD)); /* not from off */
	MUST(!(rdmsr(MSR_APIC_BASE) & APIC_BASE_EXTD) && rdmsr_safe(REG(ID), &value));
	printf("no way back but by off\n");
	return 0;
}

DEFINE_WORKLOAD("test", "has an x2APIC", workload);
