/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM_HC_MAP_GPA_RANGE of an SNP guest changes pages as a page-state change does: contents do not
 * survive the way to shared and back, of two pages and of more than the monitor does at a time;
 * wrong arguments are KVM's errors, and a page that is still validated is the same violation.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=2 %t | FileCheck %s
 * CHECK: 2 pages there and back: 0 kept
 * CHECK-NEXT: 20001 pages there and back: 0 kept
 * CHECK-NEXT: unaligned -22, empty -22, no memory -22
 * RUN: %run-guest --status=4 --platform=snp %t -- test validated \
 * RUN:   | FileCheck %s --check-prefix=VIOLATION
 * VIOLATION: monitor: violation psc-shared-validated: {{.*}} gpa=0x
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "abi/kvm_para.h"
#include "abi/sev.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define MARK UINT64_C(0x1122334455667788)
#define FEW  2
#define MANY 20001

static s64 map(u64 gpa, u64 count, u64 attributes)
{
	return kvm_hypercall3(KVM_HC_MAP_GPA_RANGE, gpa, count, attributes);
}

static void validate(u64 start, u64 count, unsigned int valid)
{
	bool unchanged;

	for (u64 page = start; page < start + count * PAGE_SIZE; page += PAGE_SIZE)
		if (pvalidate(page, RMP_PG_SIZE_4K, valid, &unchanged) || unchanged)
			abort();
}

static u64 pages_new(u64 count)
{
	void *block = malloc((count + 1) * PAGE_SIZE);

	if (!block)
		abort();
	return align_up((u64)block, (u64)PAGE_SIZE);
}

static void there_and_back(u64 count)
{
	u64 start = pages_new(count), end = start + count * PAGE_SIZE, kept = 0;

	for (u64 page = start; page < end; page += PAGE_SIZE)
		*(volatile u64 *)page = MARK;
	validate(start, count, 0);
	if (map(start, count, KVM_MAP_GPA_RANGE_DECRYPTED) ||
	    map(start, count, KVM_MAP_GPA_RANGE_ENCRYPTED))
		abort();
	validate(start, count, 1);
	for (u64 page = start; page < end; page += PAGE_SIZE)
		kept += *(volatile u64 *)page == MARK;
	printf("%lu pages there and back: %lu kept\n", count, kept);
}

static int test(int argc, char **argv)
{
	u64 start = pages_new(FEW);

	(void)argv;
	if (argc > 1)
		return (int)map(start, FEW, KVM_MAP_GPA_RANGE_DECRYPTED);
	there_and_back(FEW);
	there_and_back(MANY);
	printf("unaligned %d, empty %d, no memory %d\n", (int)map(start + 1, 1, 0),
	       (int)map(start, 0, 0), (int)map(BIT(50), 1, 0));
	return 0;
}

DEFINE_WORKLOAD("test", "maps pages by hypercall", test);
