/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the module keeps for each processor is that processor's: its number, whether CPUID raises
 * #VE, what its last #VE was, while all take them at once; interrupts and NMIs get where they are
 * sent, by each way to name a target.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx --boot=direct --smp=4 %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --boot=rom --smp=4 %t | FileCheck %s
 *
 * CHECK: processors: 4 of 4 run
 * CHECK: numbers: ok
 * CHECK-NEXT: the host's topology: 0 1 2 3, as the module's: 0 1 2 3
 * CHECK-NEXT: CPUID raises #VE on processor 2: 0 0 1 0
 * CHECK-NEXT: where the host's word is not taken: 0 1 0 3
 * CHECK-NEXT: 4 processors took 4000 #VE, 0 wrong
 * CHECK-NEXT: interrupts by APIC id: 1 1 1 1
 * CHECK-NEXT: interrupts by logical id: 1 1 1 1
 * CHECK-NEXT: interrupts to all others: 0 1 1 1
 * CHECK-NEXT: interrupts to itself: 1 0 0 0
 * CHECK-NEXT: interrupts by hypercall: 1 1 0 1
 * CHECK-NEXT: NMIs by APIC id: 1 1 1 1
 * CHECK-NEXT: NMIs to all others: 0 1 1 1
 */
#include <stdio.h>

#include "abi/kvm_para.h"
#include "early/percpu.h"
#include "early/tdcall.h"
#include "early/tdx.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/spinlock.h"
#include "paravirt/pv_ops.h"

#define VECTOR      0x51
#define ROUNDS      1000
#define TAKER       2
#define POLLS_MAX   20000000
#define ICR_ASSERT  0x4000
#define ICR_NMI     0x4400
#define ICR_LOGICAL 0x800
#define ICR_OTHERS  0xc0000

static u64 index[CPU_MAX], count[CPU_MAX], raises[CPU_MAX];
static u32 leaf_1[CPU_MAX];
static u32 taken[CPU_MAX];
static u32 ves, wrong;
static u32 arrived; /* all take #VEs at the same time */

static void add(u32 *to, u32 n) { __atomic_add_fetch(to, n, __ATOMIC_SEQ_CST); }

static void ask_numbers(void *context)
{
	struct tdx_module_args args = { 0 };

	(void)context;
	add(&wrong, tdcall(TDG_VP_INFO, &args) != 0);
	index[cpu_index()] = args.r9;
	count[cpu_index()] = (u32)args.r8;
}

static void test_numbers(void)
{
	bool ok = true;

	smp_run(ask_numbers, NULL);
	for (unsigned int i = 0; i < smp_count(); i++)
		ok &= index[i] == i && count[i] == smp_count();
	printf("numbers: %s\n", ok && !wrong ? "ok" : "wrong");
}

static void set_cpuid_ve(u64 value)
{
	struct tdx_module_args args = { .rcx = value };

	add(&wrong, tdcall(TDG_VP_CPUIDVE_SET, &args) != 0);
}

static void ask_cpuid_ve(void *context)
{
	struct tdx_module_args args = { .rdx = TDVPS_CPUID_SUPERVISOR_VE };

	(void)context;
	add(&wrong, tdcall(TDG_VP_RD, &args) != 0);
	raises[cpu_index()] = args.r8;
}

static void begin_cpuid_ve(void *context)
{
	(void)context;
	if (cpu_index() == TAKER)
		set_cpuid_ve(TDX_CPUIDVE_SUPERVISOR);
}

static void end_cpuid_ve(void *context)
{
	(void)context;
	leaf_1[cpu_index()] = cpuid_raw(CPUID_FEATURES, 0).ebx >> 24; /* the APIC id */
	set_cpuid_ve(0);
}

/* Leaf 0x1F as 0xB: by the host, and by the module once it was told to. */
static void ask_topology(void *context)
{
	const struct tdx_module_args told = { .rdx = TDCS_TD_CTLS,
					      .r8 = TD_CTLS_ENUM_TOPOLOGY,
					      .r9 = TD_CTLS_ENUM_TOPOLOGY };
	struct tdx_module_args args = { .rdx = TDCS_TOPOLOGY_CONFIGURED };
	struct cpuid_regs first, second;

	(void)context;
	tdx_cpuid_by_host(CPUID_TOPOLOGY, 0, &first);
	tdx_cpuid_by_host(CPUID_TOPOLOGY_2, 0, &second);
	add(&wrong, !first.ebx || first.ebx != second.ebx || first.edx != second.edx);
	index[cpu_index()] = first.edx;
	add(&wrong, tdcall(TDG_VM_RD, &args) || args.r8 != 1);
	args = told;
	add(&wrong, tdcall(TDG_VM_WR, &args) != 0);
	raises[cpu_index()] = cpuid_raw(CPUID_TOPOLOGY, 0).edx;
}

static void print_topology(const char *text, const u64 *ids, const char *end)
{
	printf("%s:", text);
	for (unsigned int i = 0; i < smp_count(); i++)
		printf(" %u", (unsigned int)ids[i]);
	printf("%s", end);
}

static void test_topology(void)
{
	smp_run(ask_topology, NULL);
	print_topology("the host's topology", index, ", ");
	print_topology("as the module's", raises, "\n");
}

static void test_cpuid_ve(void)
{
	smp_run(begin_cpuid_ve, NULL);
	smp_run(ask_cpuid_ve, NULL);
	smp_run(end_cpuid_ve, NULL);
	printf("CPUID raises #VE on processor %d:", TAKER);
	for (unsigned int i = 0; i < smp_count(); i++)
		printf(" %u", (unsigned int)raises[i]);
	printf("\nwhere the host's word is not taken:");
	for (unsigned int i = 0; i < smp_count(); i++)
		printf(" %u", leaf_1[i]);
	printf("\n");
}

/* Reasons of two kinds, whose answers differ. */
static void take_ves(void *context)
{
	struct cpuid_regs r;

	(void)context;
	add(&arrived, 1);
	while (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < smp_count())
		spin_poll();
	for (unsigned int i = 0; i < ROUNDS; i++) {
		if (cpu_index() & 1) {
			r = cpuid_raw(KVM_CPUID_SIGNATURE, 0);
			add(&wrong, r.ebx != KVM_SIGNATURE_EBX);
		} else {
			add(&wrong, inb(PORT_COM1 + 3) == 0xff);
		}
		add(&ves, 1);
	}
}

static void test_ves(void)
{
	smp_run(take_ves, NULL);
	printf("%u processors took %u #VE, %u wrong\n", smp_count(), ves, wrong);
}

static void take(struct trap_frame *frame)
{
	(void)frame;
	add(&taken[cpu_index()], 1);
	apic_eoi();
}

static void take_nmi(struct trap_frame *frame)
{
	(void)frame;
	add(&taken[cpu_index()], 1);
}

static void send(u32 command, u32 dest)
{
	add(&wrong, pv_msr_write(X2APIC_MSR(APIC_ICR_LOW), (u64)dest << 32 | command) != 0);
}

static u32 sum(void)
{
	u32 total = 0;

	for (unsigned int i = 0; i < smp_count(); i++)
		total += __atomic_load_n(&taken[i], __ATOMIC_SEQ_CST);
	return total;
}

/* What was sent has arrived, and a little later nothing more has. */
static void print(const char *what, u32 expected)
{
	for (int i = 0; i < POLLS_MAX && sum() < expected; i++)
		spin_poll();
	for (int i = 0; i < POLLS_MAX / 100; i++)
		spin_poll();
	printf("%s:", what);
	for (unsigned int i = 0; i < smp_count(); i++) {
		printf(" %u", taken[i]);
		taken[i] = 0;
	}
	printf("\n");
}

static void test_interrupts(void)
{
	irq_register(VECTOR, take);
	for (unsigned int i = 0; i < smp_count(); i++)
		send(ICR_ASSERT | VECTOR, percpus[i].apic_id);
	print("interrupts by APIC id", smp_count());
	for (unsigned int i = 0; i < smp_count(); i++)
		send(ICR_ASSERT | ICR_LOGICAL | VECTOR, 1U << percpus[i].apic_id);
	print("interrupts by logical id", smp_count());
	send(ICR_ASSERT | ICR_OTHERS | VECTOR, 0);
	print("interrupts to all others", smp_count() - 1);
	apic_self_ipi(VECTOR);
	print("interrupts to itself", 1);
	add(&wrong, kvm_hypercall4(KVM_HC_SEND_IPI, 0xb, 0, 0, VECTOR) != 3);
	print("interrupts by hypercall", 3);
	irq_register(VEC_NMI, take_nmi);
	for (unsigned int i = 0; i < smp_count(); i++)
		send(ICR_NMI, percpus[i].apic_id);
	print("NMIs by APIC id", smp_count());
	send(ICR_NMI | ICR_OTHERS, 0);
	print("NMIs to all others", smp_count() - 1);
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	test_numbers();
	test_topology();
	test_cpuid_ve();
	test_ves();
	test_interrupts();
	return wrong != 0;
}

DEFINE_WORKLOAD("test", "several processors of a TD", test);
