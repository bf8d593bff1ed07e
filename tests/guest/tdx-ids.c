/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD's report has what QEMU's command line says of its owner and configuration; each is its own.
 * RUN: %guest-cc %s -o %t
 * RUN: %S/Inputs/tdx-ids %root/postern-qemu %t | FileCheck %s
 * CHECK: MRCONFIGID 0x63 0x63, MROWNER 0x6f 0x6f, MROWNERCONFIG 0x6e 0x6e
 * CHECK: status 33
 */
#include <stdio.h>

#include "abi/tdx.h"
#include "early/tdcall.h"
#include "kernel/workload.h"
#include "lib/addr.h"

#define LAST (TDX_HASH_SIZE - 1)

static struct tdx_report report __attribute__((aligned(TDX_REPORT_SIZE)));
static u8 report_data[TDX_REPORT_DATA_SIZE] __attribute__((aligned(64)));

static int test(int argc, char **argv)
{
	struct tdx_module_args args = { .rcx = pa_of(&report).value,
					.rdx = pa_of(report_data).value };
	const struct tdx_td_info *td = &report.td;

	(void)argc, (void)argv;
	tdcall_must(TDG_MR_REPORT, &args);
	printf("MRCONFIGID %#x %#x, MROWNER %#x %#x, MROWNERCONFIG %#x %#x\n", td->mrconfigid[0],
	       td->mrconfigid[LAST], td->mrowner[0], td->mrowner[LAST], td->mrownerconfig[0],
	       td->mrownerconfig[LAST]);
	return 0;
}
DEFINE_WORKLOAD("test", "prints what a TD's report says of its owner", test);
