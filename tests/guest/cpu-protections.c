/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMEP, SMAP and UMIP are on, on every processor that has them. A page of a user's, which the guest
 * never makes by itself, is neither executed nor read; the same page works when it is the kernel's.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --smp=2 %t | FileCheck %s
 * RUN: %S/Inputs/on-processor 33 pc EPYC,+umip %t test | FileCheck %s --check-prefix=UMIP
 * RUN: %S/Inputs/on-processor 33 pc Opteron_G1 %t test | FileCheck %s --check-prefix=NONE
 * RUN: %run-guest --platform=snp --smp=2 %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --boot=direct --smp=2 %t | FileCheck %s
 * CHECK: smep 1 of 1, smap 1 of 1, umip {{0 of 0|1 of 1}}
 * CHECK-NEXT: kernel's: read 0, executed 0
 * CHECK-NEXT: user's: read #PF 0x1, executed #PF 0x11
 * UMIP: smep 1 of 1, smap 1 of 1, umip 1 of 1
 * A processor without any of them, and without RDRAND, which is said.
 * NONE: stack protector: no RDRAND: its canary can be guessed
 * NONE: smep 0 of 0, smap 0 of 0, umip 0 of 0
 * NONE: user's: read 0, executed 0
 */
#include <stdio.h>

#include "early/percpu.h"
#include "early/platform.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/tables.h"
#include "paravirt/pv_ops.h"

#define PF_FETCH 0x10

static u64 cr4s[CPU_MAX];

static void look(void *context)
{
	(void)context;
	cr4s[cpu_index()] = read_cr4();
}

/* 1: on every processor, 0: on none */
static unsigned int on_all(u64 bit)
{
	unsigned int count = 0;

	for (unsigned int cpu = 0; cpu < smp_count(); cpu++)
		count += !!(cr4s[cpu] & bit);
	return count && count != smp_count() ? 2 : !!count;
}

/* Entries on the way to @address become a user's; the last one alone goes back. */
static u64 *open_to_users(u64 address)
{
	u64 mask = platform.private_mask | platform.shared_mask;
	u64 *table = pa_ptr(mm_pgtable()->root), *entry = NULL;

	for (unsigned int shift = 39; shift >= 12; shift -= 9) {
		entry = &table[address >> shift & 511];
		*entry |= PTE_U;
		if (*entry & PTE_PS)
			break;
		table = pa_ptr(pa(*entry & PTE_ADDR_MASK & ~mask));
	}
	return entry;
}

static u64 faulted; /* error code + 1 */

/* Over the read, which has two bytes; out of what was called. */
static void take_fault(struct trap_frame *frame)
{
	faulted = frame->error_code + 1;
	if (frame->error_code & PF_FETCH) {
		frame->rip = *(const u64 *)(uintptr_t)frame->rsp;
		frame->rsp += sizeof(u64);
	} else {
		frame->rip += 2;
	}
}

static const char *result(void)
{
	static char text[2][24];
	static unsigned int next;
	char *to = text[next++ % 2];

	snprintf(to, sizeof(text[0]), faulted ? "#PF %#llx" : "0", (unsigned long long)faulted - 1);
	faulted = 0;
	return to;
}

static const char *read_it(u64 at)
{
	__asm__ volatile("mov (%%rcx), %%al" : : "c"(at) : "rax", "memory");
	return result();
}

static const char *execute(u64 at)
{
	((void (*)(void))(uintptr_t)at)();
	return result();
}

static int test(int argc, char **argv)
{
	static __aligned_page u8 data[PAGE_SIZE];
	u64 at = va_of(data).value, *entry;
	const char *read, *executed;
	struct cpuid_regs has = pv_cpuid(CPUID_STRUCTURED, 0);

	(void)argc, (void)argv;
	irq_register(VEC_PF, take_fault);
	smp_run(look, NULL);
	printf("smep %u of %u, smap %u of %u, umip %u of %u\n", on_all(CR4_SMEP),
	       !!(has.ebx & CPUID_STRUCTURED_EBX_SMEP), on_all(CR4_SMAP),
	       !!(has.ebx & CPUID_STRUCTURED_EBX_SMAP), on_all(CR4_UMIP),
	       !!(has.ecx & CPUID_STRUCTURED_ECX_UMIP));
	data[0] = 0xc3; /* RET */
	entry = open_to_users(at);
	*entry &= ~(u64)(PTE_U | PTE_NX);
	write_cr3(read_cr3());
	read = read_it(at);
	executed = execute(at);
	printf("kernel's: read %s, executed %s\n", read, executed);
	*entry |= PTE_U;
	write_cr3(read_cr3());
	read = read_it(at);
	executed = execute(at);
	printf("user's: read %s, executed %s\n", read, executed);
	return 0;
}

DEFINE_WORKLOAD("test", "what a processor refuses", test);
