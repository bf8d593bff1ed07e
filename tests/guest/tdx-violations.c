/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each forbidden step that the monitor knows by name for a TD is taken here, and stops the guest
 * with that name and status 4.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --status=4 --platform=tdx %t -- test 0 | FileCheck %s --check-prefix=V0
 * V0: monitor: violation tdx-access-not-accepted: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=tdx %t -- test 1 | FileCheck %s --check-prefix=V1
 * V1: monitor: violation tdx-accept-twice: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=tdx %t -- test 2 | FileCheck %s --check-prefix=V2
 * V2: monitor: violation tdx-accept-shared: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=tdx %t -- test 3 | FileCheck %s --check-prefix=V3
 * V3: monitor: violation access-private-unassigned: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=tdx %t -- test 4 | FileCheck %s --check-prefix=V4
 * V4: monitor: violation access-shared-alias: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=tdx %t -- test 5 | FileCheck %s --check-prefix=V5
 * V5: monitor: violation execute-shared: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=tdx --trace %t.trace %t -- test 6 | FileCheck %s --check-prefix=V6
 * V6: monitor: violation page-table-shared: {{.*}} gpa=0x
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 * RUN: %run-guest --status=4 --platform=tdx %t -- test 7 | FileCheck %s --check-prefix=V7
 * V7: monitor: violation access-private-device: {{.*}} gpa=0xfe
 * RUN: %run-guest --status=4 --platform=tdx --lie page-take/request@2=0x209000 -- hello | FileCheck %s --check-prefix=V9
 * V9: monitor: violation host-denied: {{.*}} gpa=0x209000
 * Where the module only says that a page is accepted already, as hardware does, it is the guest
 * that takes it for an attack.
 * RUN: %run-guest --status=3 --platform=tdx --monitor-option=inject=tdx-lenient %t -- test 8 | \
 * RUN:   FileCheck %s --check-prefix=LENIENT
 * LENIENT: monitor: the guest terminated itself: {{.*}} "ACCEPT of 0x{{.*}}, level 0: 0xb0a0000000{{[01]}}"
 * TRACE: cpu0 violation name=page-table-shared
 * TRACE-NEXT: # total {{.*}}violation=1
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "early/tdx.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/visibility.h"
#include "paravirt/tdx.h"

static u64 page; /* private, accepted; its GPA is its address */

static void share(void)
{
	if (set_memory_decrypted(va(page), 1))
		abort();
}

/* MapGPA alone, behind the page tables' back. */
static void map_gpa(u64 gpa)
{
	struct tdx_module_args args = {
		.rcx = TDVMCALL_EXPOSE_REGS_MASK,
		.r10 = TDVMCALL_STANDARD,
		.r11 = TDVMCALL_MAP_GPA,
		.r12 = gpa,
		.r13 = PAGE_SIZE,
	};

	if (tdcall(TDG_VP_VMCALL, &args) || args.r10)
		abort();
}

static void accept(void)
{
	struct tdx_module_args args = { .rcx = page };

	if (tdcall(TDG_MEM_PAGE_ACCEPT, &args))
		abort();
}

static void touch(void) { *(volatile u64 *)page; }

/* The leaf entry of the page in the tables in use, which the identity map shows. */
static u64 *leaf_entry(void)
{
	u64 *table = (u64 *)(read_cr3() & PTE_ADDR_MASK);

	for (unsigned int shift = 39;; shift -= 9) {
		u64 *entry = &table[(page >> shift) % PTE_COUNT];

		if (shift == PAGE_SHIFT || *entry & PTE_PS)
			return entry;
		table = (u64 *)(*entry & PTE_ADDR_MASK);
	}
}

/* Code in a shared page; the guest's own tables forbid it, so they are changed behind mm's back. */
static void execute_shared(void)
{
	share();
	memset((void *)page, 0xc3, PAGE_SIZE);
	write_cr0(read_cr0() & ~(u64)CR0_WP);
	*leaf_entry() &= ~PTE_NX;
	invlpg(page);
	((void (*)(void))page)();
}

/* The APIC, as if it were memory of ours. */
static void touch_device(void)
{
	u64 *entry = leaf_entry();

	write_cr0(read_cr0() & ~(u64)CR0_WP);
	*entry = APIC_BASE_DEFAULT | PTE_P | PTE_W | (*entry & PTE_PS);
	invlpg(page);
	touch();
}

static int test(int argc, char **argv)
{
	page = (u64)memalign(PAGE_SIZE, PAGE_SIZE);
	memset((void *)page, 1, PAGE_SIZE);
	cli();
	switch (argc > 1 ? atoi(argv[1]) : -1) {
	case 0: /* there and back at the host: the contents are gone */
		map_gpa(page | tdx_info.shared_mask);
		map_gpa(page);
		touch();
		break;
	case 1: accept(); break;
	case 2:
		share();
		accept();
		break;
	case 3:
		map_gpa(page | tdx_info.shared_mask);
		touch();
		break;
	case 4:
		share();
		map_gpa(page);
		touch();
		break;
	case 5: execute_shared(); break;
	case 6: /* its first touch: later ones the monitor does not tell from data */
		share();
		write_cr3(page | tdx_info.shared_mask);
		break;
	case 7: touch_device(); break;
	case 8: tdx_accept(pa(page), 1); break;
	default: abort();
	}
	return 1;
}

DEFINE_WORKLOAD("test", "commits one violation", test);
