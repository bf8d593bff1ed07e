/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest whose CR3 has no C-bit, as Linux before its first C code, is walked all the same, and
 * takes one fault for it and not one with each exit. When CR3 has the bit again, the table's shared
 * alias is no way to it; nor when a processor that had it without was destroyed, or given another.
 * The same with a table that an entry without the bit leads to from there, for which firmware takes
 * a fault too, until the entry has the bit.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 * RUN: %run-guest --platform=snp --status=4 %t -- test alias | FileCheck %s --check-prefix=ALIAS
 * CHECK: 64 exits with a bare CR3
 * TRACE: port=0x406 size=0x1 value=0x1
 * TRACE-NEXT: cpu0 npf gpa=0x{{[0-9a-f]{1,12} }}
 * TRACE-NOT: npf
 * TRACE: port=0x406 size=0x1 value=0x2
 * RUN: %run-guest --platform=snp --trace=%t.trace %t -- test tables | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TABLES --input-file=%t.trace
 * TABLES: port=0x406 size=0x1 value=0x1
 * TABLES-NEXT: cpu0 npf gpa=0x{{[0-9a-f]{1,12} }}
 * TABLES-NEXT: cpu0 npf gpa=0x{{[0-9a-f]{1,12} }}
 * TABLES-NOT: npf
 * TABLES: port=0x406 size=0x1 value=0x2
 * RUN: %run-guest --platform=snp --status=4 %t -- test tables alias | \
 * RUN:   FileCheck %s --check-prefix=ALIAS
 * ALIAS: monitor: violation access-shared-alias: {{.*}} gpa=0x
 * RUN: %run-guest --platform=snp --smp 2 --status=4 %t -- test destroyed | \
 * RUN:   FileCheck %s --check-prefix=ALIAS
 * RUN: %run-guest --platform=snp --smp 2 --status=4 %t -- test created | \
 * RUN:   FileCheck %s --check-prefix=ALIAS
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "Inputs/vmsa.h"
#include "abi/ghcb.h"
#include "early/platform.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/mm.h"
#include "mm/pgtable.h"
#include "paravirt/pv_ops.h"

#define EXITS 64

/* For the transcript: to a port where nobody listens. */
static void mark(u8 number) { pv_io_out(0x406, 1, number); }

static void set_entry(u64 *entry, u64 value)
{
	u64 cr0 = read_cr0();

	write_cr0(cr0 & ~(u64)CR0_WP); /* sealed by now */
	*entry = value;
	write_cr0(cr0);
}

/* RDMSR is an exit and leaves no line. Where there is an @entry it has no C-bit either. */
static void run_bare(u64 *entry)
{
	u64 cr3 = read_cr3(), old = entry ? *entry : 0;

	mark(1);
	write_cr3(cr3 & ~platform.private_mask);
	if (entry)
		set_entry(entry, old & ~platform.private_mask);
	for (unsigned int i = 0; i < EXITS; i++)
		rdmsr(MSR_GHCB);
	mark(2);
	if (entry)
		set_entry(entry, old);
	else
		write_cr3(cr3);
	rdmsr(MSR_GHCB);
	write_cr3(cr3);
}

static volatile bool runs;

static void other(void)
{
	runs = true;
	for (;;)
		cpu_relax();
}

/* Processor 1 runs with @cr3. The monitor refuses a VMSA at a 2M boundary. */
static void start_other(u64 cr3)
{
	static u8 stack[PAGE_SIZE] __aligned_page;
	u64 page = (u64)memalign(PAGE_2M_SIZE, PAGE_2M_SIZE) + PAGE_SIZE;
	struct vmsa *vmsa = vmsa_make(page, other, (u64)stack + sizeof(stack));

	vmsa->cr3 = cr3;
	runs = false;
	vmsa_adjust(page, true);
	vmsa_create(1, page);
	while (!runs)
		cpu_relax();
}

#define TRIES 20000 /* it stops when it is told: until then its walker may be there */

static bool test_other(const volatile u8 *at, bool again)
{
	const u64 other_id = U64_C(1) << 32;

	start_other(read_cr3() & ~platform.private_mask);
	(void)*at;
	if (again)
		start_other(read_cr3());
	else
		vmsa_request(other_id | SVM_VMGEXIT_AP_DESTROY, 0, SEV_FEATURES_SNP_ACTIVE);
	for (unsigned int i = 0; i < TRIES; i++) {
		(void)*at;
		rdmsr(MSR_GHCB);
	}
	return true;
}

/* What the entry of CR3's table for low memory leads to, or that table. */
static pa_t table(u64 **entry)
{
	u64 root = read_cr3() & ~platform.private_mask & ~U64_C(0xfff);

	if (!entry)
		return pa(root);
	*entry = (u64 *)root;
	return pa(**entry & PTE_ADDR_MASK & ~platform.private_mask);
}

static int test(int argc, char **argv)
{
	u8 *at = memalign(PAGE_SIZE, PAGE_SIZE);
	bool tables = argc > 1 && !strcmp(argv[1], "tables");
	bool alias = argc > (tables ? 2 : 1);
	u64 *entry = NULL;
	pa_t seen = table(tables ? &entry : NULL);

	if (pgtable_split(mm_pgtable(), va_of(at), PAGE_SIZE) ||
	    pgtable_unmap(mm_pgtable(), va_of(at), PAGE_SIZE) ||
	    pgtable_map(mm_pgtable(), va_of(at), seen, PAGE_SIZE, PGTABLE_SHARED))
		return 1;
	if (alias && !tables && strcmp(argv[1], "alias") != 0)
		return test_other(at, !strcmp(argv[1], "created"));
	run_bare(entry);
	printf("%d exits with a bare CR3\n", EXITS);
	return alias && *(volatile u8 *)at;
}

DEFINE_WORKLOAD("test", "CR3 without the C-bit", test);
