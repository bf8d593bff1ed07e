/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No write in the local APIC's window, of whatever width, reaches hardware as INIT, SIPI, SMI or NMI:
 * aliases of the command register, the window of devices' messages and the page's register 0, modes
 * of the local vector table, and a TD's MSR 0x800. INIT would take the processor out of the
 * monitor's hands, an SMI would run it in the guest's tables. And where a host reads the command
 * register for its guest it has the guest's last command, and not the monitor's last kick.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate %t | FileCheck %s
 * RUN: %run-guest --platform=plain --mode=emulate --smp=2 %t | FileCheck %s
 * RUN: %run-guest --platform=kvm --mode=emulate %t | FileCheck %s
 * RUN: %run-guest --platform=sev %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --smp=2 %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=2 %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --smp=2 %t | FileCheck %s
 * CHECK: window: goes on
 * CHECK-NEXT: widths: goes on
 * CHECK-NEXT: NMIs by an alias: 0
 * CHECK-NEXT: local vectors: goes on
 * CHECK-NEXT: interrupts: come
 * CHECK-NEXT: command register: as written
 * CHECK-NEXT: with LOCK: #UD
 * CHECK: exit status 0
 */
#include <stdio.h>

#include "abi/tdx.h"
#include "early/platform.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "paravirt/pv_ops.h"

#define VECTOR  0x51
#define SELF    0x40000
#define MODE(n) ((n) << 8)
#define WAIT    200000

static const u32 modes[] = { MODE(2), MODE(3), MODE(5), MODE(6), MODE(7) }; /* SMI ... ExtINT */
static volatile int taken;

static void take(struct trap_frame *frame)
{
	(void)frame;
	taken++;
	apic_eoi();
}

static bool is_td(void) { return platform.kind == PLATFORM_TDX; }

static void wait(void)
{
	for (int i = 0; i < WAIT; i++)
		cpu_relax();
}

static void put(u64 offset, unsigned int size, u64 value)
{
	pv_mmio_write(pa(APIC_BASE_DEFAULT + offset), size, value);
}

/* To this processor, by each of the ways in which QEMU finds the command register or a message. */
static void tell_all(u32 mode)
{
	static const u32 aliases[] = { 0x304, 0x308, 0x30c, 0x1300, 0x20304, 0xff300 };
	static const u32 messages[] = { 0x0, 0x4, 0x1000, 0x1500, 0x10000, 0xff000, 0xffff0 };

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		put(aliases[i], 4, SELF | 0x4000 | mode);
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		put(messages[i], 4, mode);
}

static void try_window(void)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		tell_all(modes[i]);
	(void)!wrmsr_safe(X2APIC_MSR(0), MODE(5));
	if (is_td())
		(void)!pv_msr_write(X2APIC_MSR(0), MODE(5));
	wait();
	printf("window: goes on\n");
}

static void try_widths(void)
{
	static const unsigned int sizes[] = { 1, 2, 8 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (u32 offset = 0; offset < 0x10; offset += sizes[i]) {
			put(APIC_ICR_LOW + offset, sizes[i], SELF | 0x4000 | MODE(5));
			put(0x1000 + offset, sizes[i], MODE(5));
			(void)pv_mmio_read(pa(APIC_BASE_DEFAULT + 0x1000 + offset), sizes[i]);
		}
	for (u32 offset = APIC_ICR_LOW - 3; offset < APIC_ICR_LOW + 4; offset++)
		put(offset, 4, 0x4500 << 8);
	wait();
	printf("widths: goes on\n");
}

static void nmi(struct trap_frame *frame)
{
	(void)frame;
	taken++;
}

static void try_nmi(void)
{
	irq_register(VEC_NMI, nmi);
	taken = 0;
	tell_all(MODE(4));
	wait();
	printf("NMIs by an alias: %d\n", taken);
}

/* The timer with a mode that raises an SMI, or an NMI; then all entries with each mode. */
static void try_lvt(void)
{
	for (u32 mode = 1; mode < 8; mode++) {
		apic_timer_start(VECTOR, 1, false);
		if (!is_td())
			put(APIC_LVT_TIMER, 4, MODE(mode) | VECTOR);
		wait();
	}
	for (u32 entry = APIC_LVT_TIMER; !is_td() && entry <= APIC_LVT_ERROR; entry += 0x10)
		put(entry, 4, MODE(2) | VECTOR);
	wait();
	apic_init_cpu();
	printf("local vectors: goes on\n");
}

static void try_interrupts(void)
{
	taken = 0;
	apic_self_ipi(VECTOR);
	wait();
	apic_timer_start(VECTOR, 1000, false);
	for (long i = 0; taken < 2 && i < 100000000; i++)
		cpu_relax();
	printf("interrupts: %s\n", taken == 2 ? "come" : "do not come");
}

/* Behind interrupts that the monitor put in. An open guest reads the machine's own. */
static void try_command(void)
{
	bool by_host = platform.kind == PLATFORM_SEV_ES || platform.kind == PLATFORM_SEV_SNP;
	u64 command = SELF | 0x4000 | VECTOR, now;

	put(APIC_ICR_LOW, sizeof(u32), command);
	wait();
	now = pv_mmio_read(pa(APIC_BASE_DEFAULT + APIC_ICR_LOW), sizeof(u32));
	printf("command register: %s\n", !by_host || now == command ? "as written" : "another");
}

/* A store has no LOCK; QEMU makes the access all the same. */
static void try_lock(void)
{
	bool is_open = platform.kind <= PLATFORM_SEV; /* no #VC and no #VE */
	u64 fault = 0, address = APIC_BASE_DEFAULT + APIC_TPR;
	u32 value = 0;

	if (is_open)
		__asm__ volatile("1: .byte 0xf0, 0x89, 0x11\n\t" /* lock; mov %edx, (%rcx) */
				 "jmp 3f\n\t"
				 "2: mov %%rax, %0\n\t"
				 "3:\n\t" EXTABLE("1b", "2b")
				 : "+r"(fault)
				 : "c"(address), "d"(value)
				 : "rax", "memory");
	printf("with LOCK: %s\n", !is_open || fault == (EXTABLE_FAULT | VEC_UD) ? "#UD" : "done");
}

static int test(int argc, char **argv)
{
	static const u32 pages[] = { 0, 0x1000, 0x10000, 0x20000, 0xff000 };

	(void)argc, (void)argv;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		mmio_map(pa(APIC_BASE_DEFAULT + pages[i]), PAGE_SIZE);
	irq_register(VECTOR, take);
	try_window();
	try_widths();
	try_nmi();
	try_lvt();
	try_interrupts();
	try_command();
	try_lock();
	return 0;
}

DEFINE_WORKLOAD("test", "writes all over the APIC's window", test);
