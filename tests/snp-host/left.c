/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SNP_SHUTDOWN, in both forms, with an RMP that is not given back: a guest's page is named, and one
 * of the firmware's; the table's own, the I/O MMU's, and what a host can take back itself are not.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: %S/Inputs/run %build %t %t.trace | FileCheck %s
 * CHECK: the firmware's page is left, and lost until the next SNP_INIT
 * CHECK-NEXT: nothing is left
 * CHECK-NEXT: a guest's page is left
 * CHECK: QEMU's status 33
 * RUN: FileCheck %s --check-prefix=NAMED --implicit-check-not=violation < %t.trace
 * NAMED: psp command=SNP_SHUTDOWN {{.*}} status=0x0
 * NAMED-NEXT: violation name=rmp-left-assigned entries=0x1{{$}}
 * NAMED: psp command=SNP_SHUTDOWN_EX {{.*}} status=0x0
 * NAMED: psp command=SNP_SHUTDOWN_EX {{.*}} status=0x0
 * NAMED-NEXT: violation name=rmp-left-assigned entries=0x1{{$}}
 */
#include <stdio.h>

#include "snp.h"

#define ASID 5

static const struct rmp_state firmware = { .assigned = 1, .immutable = 1 };
static const struct rmp_state guest = { .gpa = 0x5000, .assigned = 1, .asid = ASID };

static int flush(void)
{
	wbinvd();
	return (int)psp_command(0x84);
}

static u32 shut_down_ex(void)
{
	return ISSUE(0x86, shutdown, { sizeof(psp_buffer.shutdown), SNP_SHUTDOWN_IOMMU });
}

static int workload(int argc, char **argv)
{
	u64 page = (u64)page_new();

	(void)argc, (void)argv;
	MUST(page && !snp_start() && !rmpupdate(page, firmware) && !psp_command(0x82));
	MUST(ISSUE(0xc7, page, { page }) == PSP_INVALID_PLATFORM_STATE);
	MUST(rmpupdate(page, (struct rmp_state){ 0 }));
	printf("the firmware's page is left, and lost until the next SNP_INIT\n");
	MUST(!ISSUE(0x85, init_ex, { 0 }) && !flush() && !ISSUE(0xc7, page, { page }));
	MUST(!shut_down_ex() && !rmpupdate(page, (struct rmp_state){ 0 }));
	printf("nothing is left\n");
	MUST(!ISSUE(0x85, init_ex, { .flags = SNP_INIT_RMP }) && !flush());
	MUST(!rmpupdate(page, guest) && !shut_down_ex());
	printf("a guest's page is left\n");
	return 0;
}

DEFINE_WORKLOAD("test", "is a host that shuts SNP down", workload);
