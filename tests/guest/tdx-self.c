/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest boots as a TD: shared bit, acceptance, console and APIC by TDVMCALL. Conversions come
 * in the right order, follow a host that stops half-way and fall back to 4K; #VE is emulated with
 * exact widths; hypercalls go by R10. Module and host are handlers in the guest itself
 * (Inputs/tdx-self.h).
 * RUN: %guest-cc %s --kernel %S/Inputs/tdx-self.c -I%S/Inputs -o %t \
 * RUN:   --replace=early/trap.c=%S/Inputs/tdx-fake.c
 * RUN: %run-guest --platform=plain --append=accept=eager %t | FileCheck %s
 * RUN: %run-guest --platform=plain --status=3 %t -- again | FileCheck %s -check-prefix=AGAIN
 * RUN: %run-guest --platform=plain --status=3 %t -- reason | FileCheck %s -check-prefix=REASON
 *
 * CHECK: platform: tdx
 * CHECK: memory: {{.*}} accepted
 * CHECK: shared bit 0x8000000000000, no private bit
 * CHECK-NEXT: boot accepted in 2M units: yes, 512 in 4K pages
 * CHECK-NEXT: conversion: 5 shared, 5 private, 5 accepted, clean yes
 * CHECK-NEXT: in: 0x1122334455667760, out: kept
 * CHECK-NEXT: rdmsr: 0x1b reads 0x123456789abcdef0
 * CHECK-NEXT: wrmsr: 0x1b holds 0xfedcba9876543210
 * CHECK-NEXT: cpuid of the host's: answered, of another's: 0 0 0 0
 * CHECK-NEXT: vmcall: -1000
 * CHECK-NEXT: hypercall: -22 for 12 1 2 3 4
 * CHECK-NEXT: hlt: woken
 * CHECK-NEXT: timer interrupts: yes
 * CHECK: exit status 0
 *
 * AGAIN: ACCEPT of 0x{{[0-9a-f]+}}, level 0: 0xb0a00000000
 * AGAIN: self: fatal: ACCEPT of 0x{{[0-9a-f]+}}, level 0: 0xb0a00000000
 * REASON: #VE 0x1c at 0x{{[0-9a-f]+}}: exit reason not supported ({{.*}}) (reason 6)
 * REASON: self: fatal: #VE 0x1c at 0x{{[0-9a-f]+}}: exit reason not supported
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "early/platform.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/visibility.h"
#include "paravirt/pv_ops.h"
#include "tdx-self.h"

/* The next instruction but INT exits with @reason. */
static void next_exits(u64 reason)
{
	tdx_self.ve = (struct tdx_module_args){ .rcx = reason, .r10 = 1 };
}

static void boot(void)
{
	printf("shared bit %#lx, %s private bit\n", platform.shared_mask,
	       platform.private_mask ? "a" : "no");
	printf("boot accepted in 2M units: %s, %lu in 4K pages\n",
	       tdx_self.accepted_2m > 50 ? "yes" : "no", tdx_self.accepted_4k);
}

static void convert(void)
{
	const u64 pages = 5;
	u8 *memory = memalign(PAGE_2M_SIZE, pages * PAGE_SIZE);
	u64 before = tdx_self.accepted_4k;
	bool clean = true;

	memset(memory, 0x55, pages * PAGE_SIZE);
	tdx_self.retries = 3;
	tdx_self.busy = 2;
	if (set_memory_decrypted(va_of(memory), pages))
		printf("cannot share\n");
	if (set_memory_encrypted(va_of(memory), pages))
		printf("cannot take back\n");
	for (u64 i = 0; i < pages * PAGE_SIZE; i++)
		clean = clean && !memory[i];
	printf("conversion: %lu shared, %lu private, %lu accepted, clean %s\n",
	       tdx_self.mapped_shared, tdx_self.mapped_private, tdx_self.accepted_4k - before,
	       clean && tdx_self_accepted(va_of(memory).value) ? "yes" : "no");
}

static void ports(void)
{
	u64 rax = 0x1122334455667788;
	bool kept;

	next_exits(VMX_EXIT_IO);
	__asm__ volatile("int $20; in %%dx, %%al" : "+a"(rax) : "d"(PORT_COM1 + 5) : "memory");
	kept = rax >> 8 == 0x11223344556677;
	printf("in: %#lx, out: %s\n", rax & ~0xful, kept ? "kept" : "changed");
}

static void msrs(void)
{
	u32 low = 0x76543210, high = 0xfedcba98;
	u64 value;

	tdx_self.msr = 0x123456789abcdef0;
	next_exits(VMX_EXIT_MSR_READ);
	__asm__ volatile("int $20; rdmsr; shl $32, %%rdx; or %%rdx, %%rax"
			 : "=a"(value)
			 : "c"(0x1b)
			 : "rdx", "memory");
	printf("rdmsr: %#lx reads %#lx\n", tdx_self.msr_index, value);
	next_exits(VMX_EXIT_MSR_WRITE);
	__asm__ volatile("int $20; wrmsr" ::"c"(0x1b), "a"(low), "d"(high) : "memory");
	printf("wrmsr: %#lx holds %#lx\n", tdx_self.msr_index, tdx_self.msr);
}

static struct cpuid_regs cpuid_exits(u32 leaf)
{
	struct cpuid_regs r;

	next_exits(VMX_EXIT_CPUID);
	__asm__ volatile("int $20; cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(0)
			 : "memory");
	return r;
}

static void cpuids(void)
{
	struct cpuid_regs host = cpuid_exits(0x40000000), other = cpuid_exits(1);

	printf("cpuid of the host's: %s, of another's: %u %u %u %u\n",
	       host.ebx ? "answered" : "nothing", other.eax, other.ebx, other.ecx, other.edx);
}

static void calls(void)
{
	const u64 *seen = tdx_self.hypercall_args;
	s64 result = 0;

	next_exits(VMX_EXIT_VMCALL);
	__asm__ volatile("int $20; vmcall" : "+a"(result)::"memory");
	printf("vmcall: %ld\n", result);
	tdx_self.hypercall = -22;
	result = kvm_hypercall4(12, 1, 2, 3, 4);
	printf("hypercall: %ld for %lu %lu %lu %lu %lu\n", result, seen[0], seen[1], seen[2],
	       seen[3], seen[4]);
}

static volatile unsigned int ticks;

static void tick(struct trap_frame *frame)
{
	(void)frame;
	ticks++;
	apic_eoi();
}

static void sleep_and_wake(void)
{
	u64 before = tdx_self.halts;

	pv_halt();
	next_exits(VMX_EXIT_HLT);
	__asm__ volatile("int $20; hlt" ::: "memory");
	printf("hlt: %s\n", tdx_self.halts == before + 2 ? "woken" : "lost");
	irq_register(VEC_TIMER, tick);
	apic_timer_start(VEC_TIMER, 100000, true);
	for (u64 i = 0; i < 2000000000 && ticks < 3; i++)
		cpu_relax();
	apic_timer_stop();
	printf("timer interrupts: %s\n", ticks >= 3 ? "yes" : "no");
}

/* The host shows a page as new which is accepted already. */
static void accept_again(void)
{
	u8 *memory = memalign(PAGE_SIZE, PAGE_SIZE);

	printf("%d\n", pv_accept_memory(pa_of(memory), PAGE_SIZE));
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	boot();
	convert();
	ports();
	msrs();
	cpuids();
	calls();
	sleep_and_wake();
	return 0;
}

static int again(int argc, char **argv)
{
	(void)argc, (void)argv;
	accept_again();
	return 0;
}

static int reason(int argc, char **argv)
{
	(void)argc, (void)argv;
	next_exits(VMX_EXIT_CR_ACCESS);
	__asm__ volatile("int $20; mov %%cr0, %%rax" ::: "rax", "memory");
	return 0;
}

DEFINE_WORKLOAD("test", "a TD of its own making", test);
DEFINE_WORKLOAD("again", "accepts a page twice", again);
DEFINE_WORKLOAD("reason", "a #VE that nobody knows", reason);
