/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that gave another C-bit position at the first CPUID than the launch's CPUID page has is
 * found out before the first page table of our own, and the guest ends by the protocol.
 * RUN: %guest-cc -o %t --replace early/start.c=%s
 * RUN: %run-guest --status=3 --platform=snp %t -- hello | FileCheck %s
 * CHECK-NOT: postern:
 * CHECK: monitor: the guest terminated itself: reason set 0x1 code 0x8 (the guest's own)
 * CHECK-NOT: postern:
 */
#define early_start true_early_start
#include "early/start.c"
#undef early_start

noreturn_t early_start(void);

noreturn_t early_start(void)
{
	if (entry_record.sev_status)
		entry_record.private_mask = BIT(47);
	true_early_start();
}
