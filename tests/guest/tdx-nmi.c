/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NMI that a TD's processor sends to itself, by a request and by an instruction. It then comes
 * right behind the TDCALL, also behind that inside #VE; its handler makes exits of both kinds, #VE
 * among them. Nothing of what was interrupted is lost.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx %t | FileCheck %s
 *
 * CHECK: by request: 100, 100 of them behind TDCALL, wrong 0
 * CHECK-NEXT: by #VE: 100, 100 of them behind TDCALL, wrong 0
 * CHECK-NEXT: interrupts off: ok
 */
#include <stdio.h>

#include "abi/kvm_para.h"
#include "early/tdcall.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define ICR_NMI_ASSERT 0x4400
#define ROUNDS         100

static volatile int taken;
static volatile int behind;
static volatile int wrong;
static struct cpuid_regs expected;

static bool is_expected(struct cpuid_regs r)
{
	return r.eax == expected.eax && r.ebx == expected.ebx && r.ecx == expected.ecx &&
	       r.edx == expected.edx;
}

/* Where a TDCALL of ours ends. */
static bool is_behind_tdcall(u64 rip)
{
	const u8 *at = (const u8 *)(uintptr_t)rip - 4;

	return at[0] == 0x66 && at[1] == 0x0f && at[2] == 0x01 && at[3] == 0xcc;
}

static void nmi(struct trap_frame *frame)
{
	wrong += frame->rflags & RFLAGS_FIXED ? 0 : 1;
	wrong += !is_expected(cpuid_raw(KVM_CPUID_SIGNATURE, 0));
	wrong += (u8)pv_io_in(PORT_COM1 + 3, 1) != inb(PORT_COM1 + 3);
	behind += is_behind_tdcall(frame->rip);
	taken++;
}

static void by_request(void)
{
	if (pv_msr_write(X2APIC_MSR(APIC_ICR_LOW), ICR_NMI_ASSERT))
		wrong++;
}

static void by_ve(void) { wrmsr(X2APIC_MSR(APIC_ICR_LOW), ICR_NMI_ASSERT); }

static void run(const char *name, void (*send)(void))
{
	taken = behind = 0;
	for (int i = 0; i < ROUNDS; i++) {
		send();
		for (long j = 0; taken <= i && j < 100000000; j++)
			cpu_relax();
		wrong += !is_expected(cpuid_raw(KVM_CPUID_SIGNATURE, 0));
	}
	printf("%s: %d, %d of them behind TDCALL, wrong %d\n", name, taken, behind, wrong);
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	expected = cpuid_raw(KVM_CPUID_SIGNATURE, 0);
	irq_register(VEC_NMI, nmi);
	run("by request", by_request);
	run("by #VE", by_ve);
	cli();
	taken = 0;
	by_request();
	for (long j = 0; !taken && j < 100000000; j++)
		cpu_relax();
	sti();
	printf("interrupts off: %s\n", taken == 1 ? "ok" : "no NMI");
	return wrong != 0;
}

DEFINE_WORKLOAD("test", "takes NMIs in a TD", test);
