/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the RMP does to the host itself, which this test is: RMPUPDATE and PSMASH with their status,
 * #PF with the RMP bit where it writes what it gave away; reading it is no fault.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: %S/Inputs/run %build %t %t.trace | FileCheck %s
 * RUN: FileCheck %s --check-prefix=NAMED < %t.trace
 * NAMED: violation name=host-write-guest pa=0x
 * NAMED: violation name=host-write-firmware pa=0x{{[0-9a-f]+}} rip=0x
 * NAMED: violation name=host-write-guest pa=0x
 * CHECK: enabled, and no way back
 * CHECK-NEXT: the table is the processor's
 * CHECK-NEXT: RMPUPDATE refuses
 * CHECK-NEXT: a guest's page is written: #PF 0x80000003 each way
 * CHECK-NEXT: ... and read: what is there
 * CHECK-NEXT: ... and given back
 * CHECK-NEXT: the firmware's page is readable
 * CHECK-NEXT: 2M, smashed
 * CHECK: QEMU's status 33
 */
#include <stdio.h>
#include <string.h>

#include "abi/sev.h"
#include "abi/svm.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/phys.h"
#include "../Inputs/must.h"
#include "rmp.h"

#define RMP_ENTRIES 0x4000 /* behind the bookkeeping */
#define PAGE        4096
#define HUGE        0x200000

static volatile u64 fault_address, fault_code, fault_count;
static u64 give_back;

static const struct rmp_state shared;

/* The page becomes the host's again, and the write happens. No SSE register is saved here. */
static __attribute__((target("general-regs-only"))) void page_fault(struct trap_frame *frame)
{
	u64 rax = give_back;

	fault_address = read_cr2();
	fault_code = (u32)frame->error_code; /* QEMU's TCG extends it by its sign */
	fault_count++;
	__asm__ volatile(".byte 0xf2, 0x0f, 0x01, 0xfe" : "+a"(rax) : "c"(&shared) : "memory");
}

static bool faults(u64 address)
{
	bool good = fault_count == 1 && fault_address == address && fault_code == 0x80000003;

	fault_count = 0;
	return good;
}

static int write_each_way(u64 page)
{
	const struct rmp_state theirs = { 0x5000, 1, 0, 0, 0, 7 };
	volatile u64 *p = (volatile u64 *)page;
	u64 rdi = page + 0x100, rcx = 3;

	give_back = page;
	irq_register(VEC_PF, page_fault);
	MUST(!rmpupdate(page, theirs));
	p[1] = 5;
	MUST(faults(page + 8) && p[1] == 5);
	MUST(!rmpupdate(page, theirs));
	__asm__ volatile("lock incb 3(%0)" ::"r"(page) : "memory");
	MUST(faults(page + 3));
	MUST(!rmpupdate(page, theirs));
	__asm__ volatile("rep stosb" : "+D"(rdi), "+c"(rcx) : "a"(9) : "memory");
	MUST(faults(page + 0x100) && ((volatile u8 *)page)[0x102] == 9);
	MUST(!rmpupdate(page, theirs));
	__asm__ volatile("movups %%xmm0, 0x20(%0,%1,8)" ::"r"(page), "r"(U64_C(2)) : "memory");
	MUST(faults(page + 0x30));
	printf("a guest's page is written: #PF 0x80000003 each way\n");
	memset((void *)page, 0x11, PAGE);
	MUST(!rmpupdate(page, theirs));
	MUST(*p == U64_C(0x1111111111111111) && !fault_count);
	printf("... and read: what is there\n");
	MUST(!rmpupdate(page, shared));
	p[0] = 1;
	MUST(p[0] == 1 && !fault_count);
	printf("... and given back\n");
	return 0;
}

static int refused(u64 page)
{
	MUST(rmpupdate(page + 8, (struct rmp_state){ 0, 1, 0, 0, 0, 7 }) == 1);
	MUST(rmpupdate(page, (struct rmp_state){ 0, 1, 0, 0, 0, 2000 }) == 1);
	MUST(rmpupdate(page, (struct rmp_state){ 0x123, 1, 0, 0, 0, 7 }) == 1);
	MUST(rmpupdate(BIT(46), (struct rmp_state){ 0, 1, 0, 0, 0, 7 }) == 1);
	printf("RMPUPDATE refuses\n");
	return 0;
}

static int firmware_page(u64 page)
{
	volatile u64 *p = (volatile u64 *)page;

	*p = 77;
	MUST(!rmpupdate(page, (struct rmp_state){ 0, 1, 0, 0, 0, 0 }));
	MUST(*p == 77);
	*p = 78;
	MUST(faults(page) && *p == 78);
	printf("the firmware's page is readable\n");
	return 0;
}

static int large(u64 huge)
{
	const struct rmp_state theirs = { HUGE, 1, 1, 0, 0, 7 };
	volatile u64 *p = (volatile u64 *)(huge + 5 * PAGE);

	MUST(!rmpupdate(huge, theirs));
	give_back = huge;
	MUST(rmpupdate(huge + PAGE, shared) != 0); /* overlaps a 2M entry */
	MUST(psmash(huge) == 0 && psmash(huge) != 0);
	give_back = huge + 5 * PAGE;
	*p = 1;
	MUST(faults((u64)p));
	MUST(!rmpupdate(huge + 6 * PAGE, shared));
	p[512] = 1;
	MUST(!fault_count);
	printf("2M, smashed\n");
	return 0;
}

static int workload(int argc, char **argv)
{
	const struct rmp_state theirs = { 0x5000, 1, 0, 0, 0, 7 };
	const u64 *entry;
	pa_t page, huge;
	u64 base;

	(void)argc, (void)argv;
	MUST(cpuid_raw(CPUID_SEV, 0).eax & CPUID_SEV_EAX_SEV_SNP);
	MUST(!phys_alloc(0, &page) && !phys_alloc(9, &huge));
	base = rdmsr(MSR_RMP_BASE);
	MUST(base && rdmsr(MSR_RMP_END) > base);
	MUST(!wrmsr_safe(MSR_SYSCFG, rdmsr(MSR_SYSCFG) | SYSCFG_SNP_EN | SYSCFG_VMPL_EN));
	MUST(wrmsr_safe(MSR_SYSCFG, SYSCFG_MEM_ENCRYPT) && wrmsr_safe(MSR_RMP_BASE, 0));
	printf("enabled, and no way back\n");
	MUST(!pgtable_map(mm_pgtable(), va(base), pa(base), HUGE, PGTABLE_W));
	MUST(!rmpupdate(page.value, theirs));
	entry = (const u64 *)(base + RMP_ENTRIES + page.value / PAGE * 16);
	MUST(entry[0] == (1 | 0x5000 | U64_C(7) << 51));
	fault_count = 0;
	give_back = page.value;
	printf("the table is the processor's\n");
	MUST(!rmpupdate(page.value, shared));
	if (refused(page.value) || write_each_way(page.value) || firmware_page(page.value))
		return 1;
	return large(huge.value);
}

DEFINE_WORKLOAD("test", "is a host that has an RMP", workload);
