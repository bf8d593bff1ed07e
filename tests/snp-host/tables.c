/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host whose guests, one behind the other, touch more pages far apart than the processor's TLB
 * has room for: each takes the room of those before, and no room is lost by that.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: %S/Inputs/run %build %t | FileCheck %s
 * CHECK: 200 guests have read 512 pages each
 * CHECK: QEMU's status 33
 */
#include "vm.h"

#define GIB    U64_C(0x40000000)
#define GUESTS 200

/* A page of each 2M of the second GiB. */
GUEST(code, "mov $0x40000000, %ebx\nmov $512, %ecx\n"
	    "1: mov (%rbx), %eax\nadd $0x200000, %rbx\nloop 1b\nvmmcall");

static u64 tables[2][512] __attribute__((aligned(PAGE)));
static u64 *small; /* nested: 4K pages of 2M, for each 2M of the GiB */

/* The guest has the first GiB as it is, and the second, of which nested tables have 4K pages. */
static int map(void)
{
	u64 *upper = page_new(), *middle = page_new();
	u64 *top = (u64 *)vmcb->control.nested_cr3;

	small = page_new();
	MUST(upper && middle && small);
	tables[0][0] = (u64)tables[1] | PTE_P | PTE_W;
	tables[1][0] = PTE_P | PTE_W | PTE_PS;
	tables[1][1] = GIB | PTE_P | PTE_W | PTE_PS;
	memcpy(upper, (const void *)(top[0] & PTE_ADDR_MASK), PAGE);
	top[0] = (u64)upper | TABLE;
	upper[1] = (u64)middle | TABLE;
	small[0] = vm_area | TABLE;
	for (unsigned int i = 0; i < 512; i++)
		middle[i] = (u64)small | TABLE;
	return 0;
}

static int run(u32 asid)
{
	vm_state(&vmcb->save, code);
	vmcb->save.cr3 = (u64)tables;
	vmcb->control.asid = asid;
	MUST(vm_run() == SVM_EXIT_VMMCALL);
	return 0;
}

static int workload(int argc, char **argv)
{
	(void)argc, (void)argv;
	if (vm_new() || map())
		return 1;
	for (u32 i = 0; i < GUESTS; i++)
		if (run(200 + i))
			return 1;
	printf("%u guests have read 512 pages each\n", GUESTS);
	return 0;
}

DEFINE_WORKLOAD("test", "has guests that use many tables", workload);
