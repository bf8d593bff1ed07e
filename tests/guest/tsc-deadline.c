/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where CPUID offers it, the APIC's timer has a TSC-deadline mode (SDM3 11.5.4.1): no interrupt
 * comes before the TSC has come to the deadline, one that has passed comes at once, 0 disarms, and
 * a deadline further off than the machine's timer counts (8 s) ends HLT once, when it is due. Its
 * registers are this mode's, and in the others the MSR is 0 whatever is written. By --icount, where
 * HLT costs no time.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --icount %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --icount %t | FileCheck %s
 * RUN: %run-guest --platform=snp --icount --monitor-option=features=restricted-injection %t | FileCheck %s
 * RUN: %run-guest --platform=sev --icount %t | FileCheck %s --check-prefix=NONE
 * NONE: CPUID: none
 * NONE-NEXT: one shot: MSR 0
 * NONE-NEXT: with bit 18: MSR 0, LVT 0x10052
 * CHECK: CPUID: there
 * CHECK-NEXT: one shot: MSR 0
 * CHECK-NEXT: with bit 18: MSR as written, LVT 0x50052, initial 0, current 0
 * CHECK-NEXT: in 1 ms: 1 halt(s), 1 interrupt(s), 0 early, MSR 0
 * CHECK-NEXT: in 30 s: 1 halt(s), 1 interrupt(s), 0 early, MSR 0
 * CHECK-NEXT: past: 1 interrupt(s)
 * CHECK-NEXT: disarmed: 0 interrupt(s), masked: 0 interrupt(s), MSR 0
 * CHECK-NEXT: another's interrupt of this vector: 1, then MSR as written
 * CHECK-NEXT: back in one shot: MSR 0, 0 interrupt(s)
 * CHECK-NEXT: 100 deadlines: 100 interrupt(s), 0 early
 */
#include <stdio.h>

#include "abi/x86.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define VECTOR  0x52
#define FEATURE BIT(24) /* of leaf 1 ECX */
#define MS      U64_C(1000000)

static volatile int taken, early;
static volatile u64 deadline;

static void take(struct trap_frame *frame)
{
	(void)frame;
	early += rdtsc() < deadline;
	taken++;
	apic_eoi();
}

static void put(u32 offset, u32 value)
{
	pv_mmio_write(pa(APIC_BASE_DEFAULT + (u64)offset), sizeof(value), value);
}

static u32 get(u32 offset)
{
	return (u32)pv_mmio_read(pa(APIC_BASE_DEFAULT + (u64)offset), sizeof(u32));
}

static u64 msr(void)
{
	u64 value = ~U64_C(0);

	(void)!pv_msr_read(MSR_TSC_DEADLINE, &value);
	return value;
}

static void arm(u64 tsc)
{
	taken = early = 0;
	deadline = tsc;
	(void)!pv_msr_write(MSR_TSC_DEADLINE, tsc);
}

static void spin(u64 ticks)
{
	for (u64 start = rdtsc(); rdtsc() - start < ticks;)
		cpu_relax();
}

static void halt_for(const char *name, u64 ticks)
{
	int halts = 0;

	cli();
	arm(rdtsc() + ticks);
	for (; !taken && halts < 10; halts++) {
		sti_hlt();
		cli();
	}
	printf("%s: %d halt(s), %d interrupt(s), %d early, MSR %lu\n", name, halts, taken, early,
	       msr());
	sti();
}

static int test(int argc, char **argv)
{
	bool offered = cpuid_raw(1, 0).ecx & FEATURE;

	(void)argc, (void)argv;
	irq_register(VECTOR, take);
	sti();
	printf("CPUID: %s\n", offered ? "there" : "none");
	put(APIC_LVT_TIMER, VECTOR);
	arm(rdtsc() + MS);
	printf("one shot: MSR %lu\n", msr());
	put(APIC_LVT_TIMER, APIC_LVT_DEADLINE | APIC_LVT_MASKED | VECTOR);
	arm(rdtsc() + 1000 * MS);
	printf("with bit 18: MSR %s, LVT %#x", msr() == deadline ? "as written" : "0",
	       get(APIC_LVT_TIMER));
	if (!offered) {
		printf("\n");
		return 0;
	}
	put(APIC_TIMER_INITIAL, 1000);
	printf(", initial %u, current %u\n", get(APIC_TIMER_INITIAL), get(APIC_TIMER_CURRENT));
	put(APIC_LVT_TIMER, APIC_LVT_DEADLINE | VECTOR);
	halt_for("in 1 ms", MS);
	halt_for("in 30 s", 30000 * MS);
	arm(rdtsc() - 1);
	spin(MS);
	printf("past: %d interrupt(s)\n", taken);
	arm(rdtsc() + MS);
	(void)!pv_msr_write(MSR_TSC_DEADLINE, 0);
	spin(2 * MS);
	printf("disarmed: %d interrupt(s), ", taken);
	put(APIC_LVT_TIMER, APIC_LVT_DEADLINE | APIC_LVT_MASKED | VECTOR);
	arm(rdtsc() + MS);
	spin(2 * MS);
	printf("masked: %d interrupt(s), MSR %lu\n", taken, msr());
	put(APIC_LVT_TIMER, APIC_LVT_DEADLINE | VECTOR);
	arm(rdtsc() + 1000 * MS);
	apic_self_ipi(VECTOR);
	spin(MS);
	printf("another's interrupt of this vector: %d, then MSR %s\n", taken,
	       msr() == deadline ? "as written" : "0");
	arm(rdtsc() + MS);
	put(APIC_LVT_TIMER, VECTOR);
	spin(2 * MS);
	printf("back in one shot: MSR %lu, %d interrupt(s)\n", msr(), taken);
	put(APIC_LVT_TIMER, APIC_LVT_DEADLINE | VECTOR);
	taken = early = 0;
	for (int i = 0; i < 100; i++) {
		int before = taken;

		deadline = rdtsc() + 20000 + (u64)i * 37;
		(void)!pv_msr_write(MSR_TSC_DEADLINE, deadline);
		for (long spins = 0; taken == before && spins < 1000000; spins++)
			cpu_relax();
	}
	printf("100 deadlines: %d interrupt(s), %d early\n", taken, early);
	return 0;
}

DEFINE_WORKLOAD("test", "deadlines of the TSC", test);
