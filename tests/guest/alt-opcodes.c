/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hypercall site has the same effect before and after it is patched, or says that it cannot; the
 * transcript shows which opcode executed where. Under KVM on AMD the unpatched site reaches the
 * VMMCALL of the thunk, the patched one is the VMMCALL, byte for byte as by hand.
 * RUN: %guest-cc %s -o %t --replace=paravirt/pv_select.c=%S/Inputs/alt-probe.c
 * RUN: %run-guest --platform=plain --mode=emulate --trace=%t.kvm %t > %t.out
 * RUN: cat %t.out %t.kvm | FileCheck %s -check-prefix=KVM
 * RUN: %run-guest --platform=snp --trace=%t.snp %t > %t.out
 * RUN: cat %t.out %t.snp | FileCheck %s -check-prefix=SNP
 * RUN: %run-guest --platform=tdx --trace=%t.tdx %t > %t.out
 * RUN: cat %t.out %t.tdx | FileCheck %s -check-prefix=TDX
 * RUN: %run-guest --platform=plain %t | FileCheck %s -check-prefix=BARE
 *
 * KVM: site [[SITE:0x[0-9a-f]+]], thunk [[THUNK:0x[0-9a-f]+]]
 * KVM-NEXT: before: ff 15 {{.. .. .. ..}} result 0
 * KVM-NEXT: after: 0f 01 d9 0f 1f 00 result 0
 * KVM: vmmcall nr=0xb {{.*}}result={{0(x0)?}} rip=[[THUNK]]
 * KVM: vmmcall nr=0xb {{.*}}result={{0(x0)?}} rip=[[SITE]]
 *
 * SNP: before: ff 15 {{.. .. .. ..}} result -1000
 * SNP-NEXT: after: e8 {{.. .. .. ..}} 90 result 0
 * SNP-NOT: vmgexit code=0x81
 * SNP: ghcb-msr {{.*}}012 response
 * SNP: vmgexit code=0x81
 * SNP-NOT: vmgexit code=0x81
 *
 * TDX: before: ff 15 {{.. .. .. ..}} result 0
 * TDX-NEXT: after: e8 {{.. .. .. ..}} 90 result 0
 *
 * BARE: before: ff 15 {{.. .. .. ..}} result -1000
 * BARE-NEXT: after: e8 {{.. .. .. ..}} 90 result -1000
 */
#include <stdio.h>

#include "Inputs/alt-probe.h"
#include "kernel/workload.h"
#include "paravirt/hypercall.h"

static void show(const char *when, const u8 *bytes, s64 result)
{
	printf("%s:", when);
	for (unsigned int i = 0; i < ALT_SITE_SIZE; i++)
		printf(" %02x", bytes[i]);
	printf(" result %ld\n", result);
}

static int test(int argc, char **argv)
{
	u64 site = alt_probe_site();

	(void)argc, (void)argv;
	printf("site %#lx, thunk %#lx\n", site, (u64)(uintptr_t)hypercall_vmmcall);
	show("before", alt_probe_bytes_before, alt_probe_result_before);
	show("after", (const u8 *)(uintptr_t)site, alt_probe());
	return 0;
}

DEFINE_WORKLOAD("test", "one hypercall site, before and after", test);
