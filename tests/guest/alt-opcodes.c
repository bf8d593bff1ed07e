/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first hypercall, before anything is patched, and the same one after: the same effect, and
 * the transcript shows which opcode executed where. Where the instruction may stand by itself the
 * patched site is that instruction, byte for byte as by hand: AMD's on AMD, Intel's on Intel.
 * With the early pass off the site keeps its default bytes for good, and they still do the right
 * thing on every platform. When the table gives way to a plainer one, so do the patched bytes. As
 * an SEV-ES or SNP guest there is no way to the host before there is a GHCB: a hypercall then
 * ends the guest with a reason; after it, and before patching, the default bytes find the way.
 * RUN: %guest-cc %s -o %t --replace=paravirt/pv_select.c=%S/Inputs/alt-probe.c \
 * RUN:   --replace=kernel/boot_report.c=%S/Inputs/alt-probe-late.c
 * RUN: %run-guest --platform=plain %t | FileCheck %s -check-prefix=BARE
 * BARE: before: ff 15 {{.. .. .. ..}} result -1000
 * BARE-NEXT: after: e8 {{.. .. .. ..}} 90 result -1000
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=amd --trace=%t.amd %t > %t.out
 * RUN: cat %t.out %t.amd | FileCheck %s -check-prefix=AMD
 * AMD: site [[SITE:0x[0-9a-f]+]], thunk [[THUNK:0x[0-9a-f]+]]: 0f 01 d9
 * AMD-NEXT: before: ff 15 {{.. .. .. ..}} result 0
 * AMD-NEXT: after: 0f 01 d9 0f 1f 00 result 0
 * AMD-NOT: {{(^| )}}vmcall {{.*}}0xb
 * AMD: vmmcall insn=0x0f01d9 nr=0xb {{.*}}result={{0(x0)?}} rip=[[THUNK]]
 * AMD: vmmcall insn=0x0f01d9 nr=0xb {{.*}}result={{0(x0)?}} rip=[[SITE]]
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=amd --append early-patch=off \
 * RUN:   --trace=%t.amd %t > %t.out
 * RUN: cat %t.out %t.amd | FileCheck %s -check-prefix=AMD-OFF
 * AMD-OFF: site [[SITE:0x[0-9a-f]+]], thunk [[THUNK:0x[0-9a-f]+]]: 0f 01 d9
 * AMD-OFF-NEXT: before: ff 15 {{.. .. .. ..}} result 0
 * AMD-OFF-NEXT: after: ff 15 {{.. .. .. ..}} result 0
 * AMD-OFF-NOT: {{(^| )}}vmcall {{.*}}0xb
 * AMD-OFF: vmmcall insn=0x0f01d9 nr=0xb {{.*}}result={{0(x0)?}} rip=[[THUNK]]
 * AMD-OFF: vmmcall insn=0x0f01d9 nr=0xb {{.*}}result={{0(x0)?}} rip=[[THUNK]]
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=intel --trace=%t.intel %t > %t.out
 * RUN: cat %t.out %t.intel | FileCheck %s -check-prefix=INTEL
 * INTEL: site [[SITE:0x[0-9a-f]+]], thunk [[THUNK:0x[0-9a-f]+]]: 0f 01 c1
 * INTEL-NEXT: before: ff 15 {{.. .. .. ..}} result 0
 * INTEL-NEXT: after: 0f 01 c1 0f 1f 00 result 0
 * INTEL-NOT: vmmcall {{.*}}0xb
 * INTEL: vmcall insn=0x0f01c1 nr=0xb {{.*}}result={{0(x0)?}} rip=[[THUNK]]
 * INTEL: vmcall insn=0x0f01c1 nr=0xb {{.*}}result={{0(x0)?}} rip=[[SITE]]
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=intel --append early-patch=off \
 * RUN:   --trace=%t.intel %t > %t.out
 * RUN: cat %t.out %t.intel | FileCheck %s -check-prefix=INTEL-OFF
 * INTEL-OFF: site [[SITE:0x[0-9a-f]+]], thunk [[THUNK:0x[0-9a-f]+]]: 0f 01 c1
 * INTEL-OFF-NEXT: before: ff 15 {{.. .. .. ..}} result 0
 * INTEL-OFF-NEXT: after: ff 15 {{.. .. .. ..}} result 0
 * INTEL-OFF-NOT: vmmcall {{.*}}0xb
 * INTEL-OFF: vmcall insn=0x0f01c1 nr=0xb {{.*}}result={{0(x0)?}} rip=[[THUNK]]
 * INTEL-OFF: vmcall insn=0x0f01c1 nr=0xb {{.*}}result={{0(x0)?}} rip=[[THUNK]]
 * RUN: %run-guest --platform=kvm --mode=emulate --vendor=amd --smp=2 --trace=%t.plainer \
 * RUN:   --monitor-option=inject=cpu-setup-fail:1 %t > %t.out
 * RUN: cat %t.out %t.plainer | FileCheck %s -check-prefix=PLAINER
 * PLAINER: {{[0-9]+}} hypercall sites now follow platform plain
 * PLAINER: before: ff 15 {{.. .. .. ..}} result 0
 * PLAINER-NEXT: after: e8 {{.. .. .. ..}} 90 result -1000
 * PLAINER: vmmcall insn=0x0f01d9 nr=0xb {{.*}}result={{0(x0)?}}
 * PLAINER-NOT: nr=0xb
 * RUN: %run-guest --platform=sev --trace=%t.sev %t > %t.out
 * RUN: cat %t.out %t.sev | FileCheck %s -check-prefix=SEV
 * SEV: site [[SITE:0x[0-9a-f]+]], thunk [[THUNK:0x[0-9a-f]+]]: 0f 01 d9
 * SEV-NEXT: before: ff 15 {{.. .. .. ..}} result 0
 * SEV-NEXT: after: 0f 01 d9 0f 1f 00 result 0
 * SEV-NOT: {{(^| )}}vmcall {{.*}}0xb
 * SEV: vmmcall insn=0x0f01d9 nr=0xb {{.*}}result={{0(x0)?}} rip=[[THUNK]]
 * SEV: vmmcall insn=0x0f01d9 nr=0xb {{.*}}result={{0(x0)?}} rip=[[SITE]]
 * RUN: %run-guest --platform=sev --boot=direct --append early-patch=off --trace=%t.sev %t > %t.out
 * RUN: cat %t.out %t.sev | FileCheck %s -check-prefix=SEV-OFF
 * SEV-OFF: site [[SITE:0x[0-9a-f]+]], thunk [[THUNK:0x[0-9a-f]+]]: 0f 01 d9
 * SEV-OFF-NEXT: before: ff 15 {{.. .. .. ..}} result 0
 * SEV-OFF-NEXT: after: ff 15 {{.. .. .. ..}} result 0
 * SEV-OFF-NOT: {{(^| )}}vmcall {{.*}}0xb
 * SEV-OFF: vmmcall insn=0x0f01d9 nr=0xb {{.*}}result={{0(x0)?}} rip=[[THUNK]]
 * SEV-OFF: vmmcall insn=0x0f01d9 nr=0xb {{.*}}result={{0(x0)?}} rip=[[THUNK]]
 * RUN: %run-guest --platform=sev-es --boot=direct --append early-patch=late --trace=%t.es \
 * RUN:   %t > %t.out
 * RUN: cat %t.out %t.es | FileCheck %s -check-prefix=ES
 * ES: before: ff 15 {{.. .. .. ..}} result 0
 * ES-NEXT: after: e8 {{.. .. .. ..}} 90 result 0
 * ES-NOT: vmgexit {{.*}}nr=0xb
 * ES: ghcb-msr {{.*}}request=0x{{[0-9a-f]*}}2 response
 * ES: vmgexit code=0x81 {{.*}}nr=0xb {{.*}}result=0x0 {{.*}}insn=0xf30f01d9
 * ES: vmgexit code=0x81 {{.*}}nr=0xb {{.*}}result=0x0 {{.*}}insn=0xf30f01d9
 * ES-NOT: vmgexit {{.*}}nr=0xb
 * RUN: %run-guest --platform=sev-es --boot=direct --append early-patch=off --trace=%t.es \
 * RUN:   %t > %t.out
 * RUN: cat %t.out %t.es | FileCheck %s -check-prefix=ES-OFF
 * ES-OFF: before: ff 15 {{.. .. .. ..}} result 0
 * ES-OFF-NEXT: after: ff 15 {{.. .. .. ..}} result 0
 * ES-OFF-NOT: vmgexit {{.*}}nr=0xb
 * ES-OFF: ghcb-msr {{.*}}request=0x{{[0-9a-f]*}}2 response
 * ES-OFF: vmgexit code=0x81 {{.*}}nr=0xb {{.*}}result=0x0 {{.*}}insn=0xf30f01d9
 * ES-OFF: vmgexit code=0x81 {{.*}}nr=0xb {{.*}}result=0x0 {{.*}}insn=0xf30f01d9
 * ES-OFF-NOT: vmgexit {{.*}}nr=0xb
 * RUN: %run-guest --platform=snp --boot=direct --append early-patch=late --trace=%t.snp %t > %t.out
 * RUN: cat %t.out %t.snp | FileCheck %s -check-prefix=SNP
 * SNP: before: ff 15 {{.. .. .. ..}} result 0
 * SNP-NEXT: after: e8 {{.. .. .. ..}} 90 result 0
 * SNP-NOT: vmgexit {{.*}}nr=0xb
 * SNP: ghcb-msr {{.*}}request=0x{{[0-9a-f]*}}012 response
 * SNP: vmgexit code=0x81 {{.*}}nr=0xb {{.*}}result=0x0 {{.*}}insn=0xf30f01d9
 * SNP: vmgexit code=0x81 {{.*}}nr=0xb {{.*}}result=0x0 {{.*}}insn=0xf30f01d9
 * SNP-NOT: vmgexit {{.*}}nr=0xb
 * RUN: %run-guest --platform=snp --boot=direct --append early-patch=off --trace=%t.snp %t > %t.out
 * RUN: cat %t.out %t.snp | FileCheck %s -check-prefix=SNP-OFF
 * SNP-OFF: before: ff 15 {{.. .. .. ..}} result 0
 * SNP-OFF-NEXT: after: ff 15 {{.. .. .. ..}} result 0
 * SNP-OFF-NOT: vmgexit {{.*}}nr=0xb
 * SNP-OFF: ghcb-msr {{.*}}request=0x{{[0-9a-f]*}}012 response
 * SNP-OFF: vmgexit code=0x81 {{.*}}nr=0xb {{.*}}result=0x0 {{.*}}insn=0xf30f01d9
 * SNP-OFF: vmgexit code=0x81 {{.*}}nr=0xb {{.*}}result=0x0 {{.*}}insn=0xf30f01d9
 * SNP-OFF-NOT: vmgexit {{.*}}nr=0xb
 * RUN: %guest-cc %s -o %t.early -DTOO_EARLY --replace=paravirt/pv_select.c=%S/Inputs/alt-probe.c \
 * RUN:   --replace=kernel/boot_report.c=%S/Inputs/alt-probe-late.c
 * RUN: %run-guest --status=3 --platform=sev-es %t.early | FileCheck %s -check-prefix=EARLY
 * RUN: %run-guest --status=3 --platform=snp %t.early | FileCheck %s -check-prefix=EARLY
 * EARLY: monitor: the guest terminated itself: reason set 0x1 code 0xd
 * RUN: %run-guest --platform=tdx --trace=%t.tdx %t > %t.out
 * RUN: cat %t.out %t.tdx | FileCheck %s -check-prefix=TDX
 * TDX: before: ff 15 {{.. .. .. ..}} result 0
 * TDX-NEXT: after: e8 {{.. .. .. ..}} 90 result 0
 * TDX-NOT: tdvmcall function=0xb
 * TDX: tdcall leaf=0x1 {{.*}}status=0x0
 * TDX: tdvmcall function=0xb {{.*}}rax=0x0 r10=0x0 {{.*}}insn=0x660f01cc
 * TDX: tdvmcall function=0xb {{.*}}rax=0x0 r10=0x0 {{.*}}insn=0x660f01cc
 * TDX-NOT: {{(vmcall|vmmcall) .*}}nr=0xb
 * TDX-NOT: tdvmcall function=0xb
 * RUN: %run-guest --platform=tdx --boot=direct --append early-patch=off --trace=%t.tdx %t > %t.out
 * RUN: cat %t.out %t.tdx | FileCheck %s -check-prefix=TDX-OFF
 * TDX-OFF: before: ff 15 {{.. .. .. ..}} result 0
 * TDX-OFF-NEXT: after: ff 15 {{.. .. .. ..}} result 0
 * TDX-OFF-NOT: tdvmcall function=0xb
 * TDX-OFF: tdcall leaf=0x1 {{.*}}status=0x0
 * TDX-OFF: tdvmcall function=0xb {{.*}}rax=0x0 r10=0x0 {{.*}}insn=0x660f01cc
 * TDX-OFF: tdvmcall function=0xb {{.*}}rax=0x0 r10=0x0 {{.*}}insn=0x660f01cc
 * TDX-OFF-NOT: tdvmcall function=0xb
 */
#include <stdio.h>

#include "Inputs/alt-probe.h"
#include "kernel/workload.h"

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

	const u8 *thunk = (const u8 *)(uintptr_t)pv_ops.hypercall;

	(void)argc, (void)argv;
	printf("site %#lx, thunk %#lx: %02x %02x %02x\n", site, (u64)(uintptr_t)thunk, thunk[0],
	       thunk[1], thunk[2]);
	show("before", alt_probe_bytes_before, alt_probe_result_before);
	show("after", (const u8 *)(uintptr_t)site, alt_probe());
	return 0;
}

DEFINE_WORKLOAD("test", "one hypercall site, before and after", test);
