/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM_HC_MAP_GPA_RANGE of an SNP guest changes pages as a page-state change does: contents do not
 * survive the way to shared and back, wrong arguments are KVM's errors, and a page that is still
 * validated is the same violation.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * CHECK: there and back: contents gone
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

#define MARK  UINT64_C(0x1122334455667788)
#define PAGES 2

static s64 map(u64 gpa, u64 count, u64 attributes)
{
	return kvm_hypercall3(KVM_HC_MAP_GPA_RANGE, gpa, count, attributes);
}

static void validate(u64 start, unsigned int valid)
{
	bool unchanged;

	for (u64 page = start; page < start + PAGES * PAGE_SIZE; page += PAGE_SIZE)
		if (pvalidate(page, RMP_PG_SIZE_4K, valid, &unchanged) || unchanged)
			abort();
}

static int test(int argc, char **argv)
{
	u64 start = align_up((u64)malloc((PAGES + 1) * PAGE_SIZE), (u64)PAGE_SIZE);
	volatile u64 *word = (u64 *)start;

	(void)argv;
	if (argc > 1)
		return (int)map(start, PAGES, KVM_MAP_GPA_RANGE_DECRYPTED);
	*word = MARK;
	validate(start, 0);
	if (map(start, PAGES, KVM_MAP_GPA_RANGE_DECRYPTED) ||
	    map(start, PAGES, KVM_MAP_GPA_RANGE_ENCRYPTED))
		return 1;
	validate(start, 1);
	printf("there and back: contents %s\n", *word == MARK ? "kept" : "gone");
	printf("unaligned %d, empty %d, no memory %d\n", (int)map(start + 1, 1, 0),
	       (int)map(start, 0, 0), (int)map(BIT(50), 1, 0));
	return 0;
}

DEFINE_WORKLOAD("test", "maps pages by hypercall", test);
