/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD's report has the words that it was started with: RTMR 2 is what one extension by their
 * SHA-384 makes of zeroes, and the others are still zero.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx --boot=rom --append=a=b --trace %t.trace %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 * CHECK: command line "a=b -- test"
 * CHECK: RTMR 2 has the words, the others nothing
 * TRACE: tdcall leaf=0x2 {{.*}}rdx=0x2
 */
#include <stdio.h>
#include <string.h>

#include "abi/tdx.h"
#include "early/boot_info.h"
#include "early/tdcall.h"
#include "kernel/workload.h"
#include "lib/addr.h"
#include "lib/sha384.h"

static struct tdx_report report __attribute__((aligned(TDX_REPORT_SIZE)));
static u8 report_data[TDX_REPORT_DATA_SIZE] __attribute__((aligned(64)));

static int test(int argc, char **argv)
{
	struct tdx_module_args args = { .rcx = pa_of(&report).value,
					.rdx = pa_of(report_data).value };
	u8 zeroes[48] = { 0 }, both[96] = { 0 }, expected[48];

	(void)argc, (void)argv;
	tdcall_must(TDG_MR_REPORT, &args);
	sha384(boot_info.cmdline, strlen(boot_info.cmdline), both + 48);
	sha384(both, sizeof(both), expected);
	for (unsigned int i = 0; i < TDX_RTMR_COUNT; i++)
		if (memcmp(report.td.rtmr[i], i == 2 ? expected : zeroes, sizeof(zeroes))) {
			printf("RTMR %u is wrong\n", i);
			return 1;
		}
	puts("RTMR 2 has the words, the others nothing");
	return 0;
}
DEFINE_WORKLOAD("test", "compares a TD's run-time measurements", test);
