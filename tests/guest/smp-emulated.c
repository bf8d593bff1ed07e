/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one processor changes is so for an instruction that the monitor executes for another one,
 * which has executed it the whole time: its bytes, the page that it lies in, the page that it
 * writes to. Nothing that is kept of the other's walks and instructions is older than its TLB. A
 * page that loses its state under such an instruction is missed at once. Whoever rewrites it meets
 * the other in the middle of it, and QEMU may go on with the old one until it is told otherwise:
 * that ends nobody's run.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain --mode=emulate --smp=2 %t | FileCheck %s --check-prefixes=ALL,PORT,CHECK
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=2 %t | FileCheck %s --check-prefixes=ALL,PORT,CHECK
 * RUN: %run-guest --platform=sev --smp=2 %t | FileCheck %s --check-prefixes=ALL,PORT
 * RUN: %run-guest --platform=sev-es --smp=2 %t | FileCheck %s --check-prefixes=ALL
 * RUN: %run-guest --platform=snp --smp=2 %t | FileCheck %s --check-prefixes=ALL
 * RUN: %run-guest --platform=tdx --smp=2 %t | FileCheck %s --check-prefixes=ALL
 * ALL: rewritten: 50 changes, 0 stale
 * ALL-NEXT: remapped: 50 changes, 0 stale
 * PORT-NEXT: port: 50 changes, 0 stale
 * CHECK-NEXT: operand: 50 changes, 0 stale
 * ALL: exit status 0
 * RUN: %run-guest --platform=snp --smp=2 --status=4 %t -- test state | \
 * RUN:   FileCheck %s --check-prefix=STATE
 * STATE: monitor: violation {{execute-shared|access-private-unassigned|access-not-validated}}
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "abi/exit_code.h"
#include "abi/x86.h"
#include "early/fatal.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/spinlock.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "mm/tables.h"
#include "paravirt/ghcb.h"

#define CHANGES 50
#define RUNS    8 /* of the instruction, by the other processor, before the next change */
#define PORT    0x92
#define OTHER   0x64 /* the keyboard's state */
#define NOTHING 0xe5 /* what no read of PORT gives */

/*
 * Two instructions of one length, since who has executed the old one goes on behind it, with RET.
 * Both exit, or nobody but QEMU would know of them: RDMSR, and CPUID or, where that is the guest's
 * own to execute, WRMSR; IN from one port and from another.
 */
static const u8 exits[2][8] = { { 0x0f, 0x32, 0xc3 }, { 0x0f, 0xa2, 0xc3 } };
static const u8 exits_msr[2][8] = { { 0x0f, 0x32, 0xc3 }, { 0x0f, 0x30, 0xc3 } };
static const u8 inputs[2][8] = { { 0xe4, PORT, 0xc3 }, { 0xe4, OTHER, 0xc3 } };

static const u8 (*codes)[8];
static u8 *at, *pages[2];
static u32 efer;
static u8 of_port;
static u32 turn; /* which change is in force */
static u32 runs; /* by the other processor since */
static u32 stale;

/* Leaf 0 has nothing in EAX that EFER could be; what is written is not what it was. */
static u32 call_code(void)
{
	u32 eax = codes == exits_msr ? efer ^ EFER_SCE : 0, ecx = MSR_EFER, edx = 0;

	__asm__ volatile("call *%3" : "+a"(eax), "+c"(ecx), "+d"(edx) : "r"(at) : "rbx", "memory");
	if (eax == (efer ^ EFER_SCE))
		wrmsr(MSR_EFER, efer);
	return eax != efer;
}

static u32 call_input(void)
{
	u32 eax = 0;

	__asm__ volatile("call *%1" : "+a"(eax) : "r"(at) : "memory");
	return (u8)eax != of_port;
}

/* A byte of the port's goes where @at is mapped: to which page? */
static u32 input(void)
{
	u8 *to = at;
	u32 which;

	*(volatile u8 *)pages[0] = *(volatile u8 *)pages[1] = NOTHING;
	__asm__ volatile("insb" : "+D"(to) : "d"(PORT) : "memory");
	which = *(volatile u8 *)pages[0] == NOTHING;
	return *(volatile u8 *)pages[which] == NOTHING ? 2 : which;
}

/* The leaf entry of @at in the tables in use, which the identity map shows. */
static u64 *leaf_entry(void)
{
	u64 mask = PTE_ADDR_MASK & ~platform.private_mask;
	u64 *table = (u64 *)(read_cr3() & mask);

	for (unsigned int shift = 39; shift > PAGE_SHIFT; shift -= 9)
		table = (u64 *)(table[((u64)at >> shift) % PTE_COUNT] & mask);
	return &table[((u64)at >> PAGE_SHIFT) % PTE_COUNT];
}

/* At once from one page to the other: whoever executes there meets no page fault. */
static int map(u32 which)
{
	u64 *leaf = leaf_entry(), mask = PTE_ADDR_MASK & ~platform.private_mask;
	u64 page = va_to_pa(va_of(pages[which])).value;
	int error = tables_lock();

	if (error)
		return error;
	write_cr0(read_cr0() & ~(u64)CR0_WP);
	WRITE_ONCE(*leaf, (*leaf & ~(mask | PTE_NX)) | page | PTE_W);
	write_cr0(read_cr0() | CR0_WP);
	mm_pgtable()->ops->flush(va_of(at), PAGE_SIZE);
	tables_unlock();
	return 0;
}

static int rewrite(u32 which)
{
	u64 word;

	memcpy(&word, codes[which], sizeof(word));
	__atomic_store_n((u64 *)(void *)pages[0], word, __ATOMIC_SEQ_CST);
	return 0;
}

/* The last ones are not every guest's. */
static const struct way {
	const u8 (*codes)[8];
	int (*change)(u32 which);
	u32 (*run)(void);
	const char *name;
} ways[] = {
	{ NULL, rewrite, call_code, "rewritten" },
	{ NULL, map, call_code, "remapped" },
	{ inputs, rewrite, call_input, "port" },
	{ NULL, map, input, "operand" },
};

/* Executes it all the time, and counts where nothing was changed meanwhile. */
static void work(const struct way *way)
{
	for (u32 now = 0; now <= 2 * CHANGES;) {
		u32 which;

		spin_poll();
		now = __atomic_load_n(&turn, __ATOMIC_SEQ_CST);
		which = way->run();
		if (now % 2 || __atomic_load_n(&turn, __ATOMIC_SEQ_CST) != now)
			continue;
		if (which != now / 2 % 2)
			__atomic_add_fetch(&stale, 1, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&runs, 1, __ATOMIC_SEQ_CST);
	}
}

/* While the turn is odd a change is under way. */
static void change(const struct way *way)
{
	for (u32 i = 1; i <= CHANGES; i++) {
		__atomic_store_n(&turn, 2 * i - 1, __ATOMIC_SEQ_CST);
		if (way->change(i % 2))
			break;
		__atomic_store_n(&runs, 0, __ATOMIC_SEQ_CST);
		__atomic_store_n(&turn, 2 * i, __ATOMIC_SEQ_CST);
		while (__atomic_load_n(&runs, __ATOMIC_SEQ_CST) < RUNS)
			spin_poll();
	}
	__atomic_store_n(&turn, 2 * CHANGES + 1, __ATOMIC_SEQ_CST);
}

static void run(void *context)
{
	if (cpu_index())
		work(context);
	else
		change(context);
}

/* The page loses its state, and no page table changes. */
static void take_away(void *context)
{
	(void)context;
	if (cpu_index()) {
		for (;;) {
			call_code();
			__atomic_add_fetch(&runs, 1, __ATOMIC_SEQ_CST);
		}
	}
	while (__atomic_load_n(&runs, __ATOMIC_SEQ_CST) < RUNS)
		spin_poll();
	psc_validate(va_of(pages[0]), 1, false);
	psc_change(va_to_pa(va_of(pages[0])), 1, PSC_OP_SHARED);
	for (u32 before = __atomic_load_n(&runs, __ATOMIC_SEQ_CST);
	     __atomic_load_n(&runs, __ATOMIC_SEQ_CST) - before < RUNS;)
		spin_poll();
	exit_run(EXIT_CODE_FAILED);
}

static bool run_way(const struct way *way, const u8 (*others)[8])
{
	turn = stale = runs = 0;
	codes = way->codes ? way->codes : others;
	for (u32 i = 0; i < 2; i++)
		memcpy(pages[i], codes[i], sizeof(codes[i]));
	if (map(0))
		return false;
	smp_run(run, (void *)(uintptr_t)way);
	printf("%s: %u changes, %u stale\n", way->name, (turn - 1) / 2, stale);
	return true;
}

static int test(int argc, char **argv)
{
	bool is_sealed = cc_has(CC_STATE_ENCRYPTED);
	/* Port I/O is its #VC's handler's, string I/O none of an SEV guest's. */
	size_t count = array_count(ways) - (is_sealed ? 2 : cc_has(CC_MEM_ENCRYPT));

	efer = (u32)rdmsr(MSR_EFER);
	at = memalign(PAGE_SIZE, PAGE_SIZE);
	for (u32 i = 0; i < 2; i++)
		pages[i] = memalign(PAGE_SIZE, PAGE_SIZE);
	memcpy(pages[0], exits[0], sizeof(exits[0]));
	if (pgtable_split(mm_pgtable(), va_of(at), PAGE_SIZE) || map(0))
		return 1;
	if (argc > 1 && !strcmp(argv[1], "state"))
		smp_run(take_away, NULL);
	if (!is_sealed)
		of_port = inb(PORT);
	for (size_t i = 0; i < count; i++)
		if (!run_way(&ways[i], is_sealed ? exits_msr : exits))
			return 1;
	return 0;
}

DEFINE_WORKLOAD("test", "changes what another processor has executed", test);
