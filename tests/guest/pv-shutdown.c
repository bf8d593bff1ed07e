/* SPDX-License-Identifier: Apache-2.0 */
/*
 * At the end no page of KVM's is left with the host: each processor has its own forgotten, then all
 * are private again and are memory as any other. They can be shared and registered once more, as
 * who runs next in this memory would, and the clock runs.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=2 --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=MSR < %t.trace
 * RUN: %run-guest --platform=sev --boot=direct --smp=2 --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s -check-prefixes=MSR,SEV < %t.trace
 * RUN: %run-guest --platform=sev-es --boot=direct --smp=2 --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s -check-prefixes=MSR,SEV < %t.trace
 * RUN: %run-guest --platform=snp --boot=direct --smp=2 --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s -check-prefixes=MSR,SNP < %t.trace
 * RUN: %run-guest --platform=tdx --boot=direct --smp=2 --trace=%t.trace \
 * RUN:   --monitor-option=inject=tdx-pv-pages %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=TDX < %t.trace
 * CHECK: at first: clock 0, steal 0
 * CHECK-NEXT: shut down: clock -38, steal -38, 0 pages of KVM's shared
 * CHECK-NEXT: again: clock 0, steal 0, 8 pages of KVM's shared
 * MSR: cpu0 {{.*}}msr=0x4b564d01 value=0x[[PAGE:[0-9a-f]+]]001 result=0
 * MSR: cpu1 {{.*}}msr=0x4b564d01 value=0x{{[0-9a-f]+}}001 result=0
 * MSR: cpu{{.*}}msr=0x4b564d01 value=0x0 result=0
 * MSR: cpu{{.*}}msr=0x4b564d01 value=0x0 result=0
 * SEV: nr=0xc a0=0x[[PAGE]]000 a1=0x8 a2=0x10
 * SEV: nr=0xc a0=0x[[PAGE]]000 a1=0x8 a2=0x0
 * SNP: entries=8 private=8 shared=0 result=0x0
 * SNP: pvalidate gpa=0x[[PAGE]]000 {{.*}}validate=0x1
 * SNP: pvalidate gpa=0x[[PAGE]]000 {{.*}}validate=0x0
 * SNP: entries=8 private=0 shared=8 result=0x0
 * MSR: cpu{{.*}}msr=0x4b564d01 value=0x{{[0-9a-f]+}}001 result=0
 * MSR: cpu{{.*}}msr=0x4b564d01 value=0x{{[0-9a-f]+}}001 result=0
 * MSR: cpu{{.*}}msr=0x4b564d01 value=0x0 result=0
 * MSR: cpu{{.*}}msr=0x4b564d01 value=0x0 result=0
 * SEV: nr=0xc a0=0x[[PAGE]]000 a1=0x8 a2=0x10
 * SNP: entries=8 private=8 shared=0 result=0x0
 * TDX: tdvmcall function=0x20 a0=0x4b564d01 a1=0x[[PAGE:[0-9a-f]+]]001 {{.*}}r10=0x0
 * TDX: tdvmcall function=0x20 a0=0x4b564d01 a1=0x0 {{.*}}r10=0x0
 * TDX: tdvmcall function=0x20 a0=0x4b564d01 a1=0x0 {{.*}}r10=0x0
 * TDX: tdvmcall function=0x10001 a0=0x[[PAGE]]000 a1=0x8000 {{.*}}r10=0x0
 * TDX: tdvmcall function=0x10001 a0=0x{{[0-9a-f]+}}[[PAGE]]000 a1=0x8000 {{.*}}r10=0x0
 * TDX: tdvmcall function=0x20 a0=0x4b564d01 a1=0x{{[0-9a-f]+}}001 {{.*}}r10=0x0
 */
#include <stdio.h>
#include <string.h>

#include "kernel/smp.h"
#include "kernel/workload.h"
#include "paravirt/pv_pages.h"
#include "early/memory_map.h"

static void show(const char *when)
{
	u64 clock, steal;

	printf("%s: clock %d, steal %d", when, kvmclock_read(&clock), steal_time_read(&steal));
}

static void show_shared(void)
{
	struct memory_claim claim;
	u64 count = 0;

	for (u64 from = 0; memory_map_next_claim(from, &claim); from = claim.end)
		if (claim.shared && strcmp(claim.user, "GHCB"))
			count += (claim.end - claim.start) / PAGE_SIZE;
	printf(", %d pages of KVM's shared\n", (int)count);
}

static void register_pages(void *context)
{
	(void)context;
	pv_pages_register();
}

static int test(int argc, char **argv)
{
	int error;

	(void)argc, (void)argv;
	show("at first");
	printf("\n");
	pv_pages_shut_down(smp_services());
	show("shut down");
	show_shared();
	error = pv_pages_share_others(0, smp_count(), smp_services());
	smp_run(register_pages, NULL);
	show("again");
	show_shared();
	return error;
}

DEFINE_WORKLOAD("test", "the end of sharing", test);
