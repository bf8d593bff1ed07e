/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest whose CR3 has no C-bit, as Linux before its first C code, is walked all the same, and
 * takes one fault for it and not one with each exit. When CR3 has the bit again, the table's shared
 * alias is no way to it; nor when a processor that had it without was destroyed, or given another.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 * RUN: %run-guest --platform=snp --status=4 %t -- test alias | FileCheck %s --check-prefix=ALIAS
 * CHECK: 64 exits with a bare CR3
 * TRACE: port=0x406 size=0x1 value=0x1
 * TRACE-NEXT: cpu0 npf gpa=0x{{[0-9a-f]{1,12} }}
 * TRACE-NOT: npf
 * TRACE: port=0x406 size=0x1 value=0x2
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

/* RDMSR is an exit and leaves no line. */
static void run_bare(void)
{
	u64 cr3 = read_cr3();

	mark(1);
	write_cr3(cr3 & ~platform.private_mask);
	for (unsigned int i = 0; i < EXITS; i++)
		rdmsr(MSR_GHCB);
	write_cr3(cr3);
	rdmsr(MSR_GHCB);
	mark(2);
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

static int test(int argc, char **argv)
{
	u8 *at = memalign(PAGE_SIZE, PAGE_SIZE);
	pa_t root = { read_cr3() & ~platform.private_mask & ~U64_C(0xfff) };

	if (pgtable_split(mm_pgtable(), va_of(at), PAGE_SIZE) ||
	    pgtable_unmap(mm_pgtable(), va_of(at), PAGE_SIZE) ||
	    pgtable_map(mm_pgtable(), va_of(at), root, PAGE_SIZE, PGTABLE_SHARED))
		return 1;
	if (argc > 1 && strcmp(argv[1], "alias") != 0)
		return test_other(at, !strcmp(argv[1], "created"));
	run_bare();
	printf("%d exits with a bare CR3\n", EXITS);
	return argc > 1 && *(volatile u8 *)at;
}

DEFINE_WORKLOAD("test", "CR3 without the C-bit", test);
