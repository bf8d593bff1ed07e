/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SEV guest changes a page's visibility by the C-bit alone: contents are noise through the other
 * alias, and themselves again through their own. It tells each change by MAP_GPA_RANGE and, as soon
 * as what was shared before is told, that it may be migrated; an SEV-ES guest does both by GHCB,
 * whose host keeps an AP jump table and has nothing of what is SNP's.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=sev --monitor-option=strict=map-gpa --trace=%t.trace %t | \
 * RUN:   FileCheck %s
 * RUN: FileCheck %s -check-prefix=TRACE < %t.trace
 * RUN: %run-guest --platform=sev-es --monitor-option=strict=map-gpa --trace=%t.trace %t | \
 * RUN:   FileCheck %s -check-prefixes=CHECK,ES
 * RUN: %run-guest --platform=sev-es --monitor-option=strict=map-gpa -- share 600
 * RUN: FileCheck %s -check-prefix=TRACE-ES < %t.trace
 *
 * CHECK: status 0x[[#]]
 * CHECK-NEXT: as it was: 512 kept
 * CHECK-NEXT: through the other alias: 0 kept
 * CHECK-NEXT: through the first again: 512 kept
 * CHECK-NEXT: told of 3 pages: 0; of none -22, of no memory -22
 * CHECK-NEXT: migration control 0x1, 0x2 refused -14
 * ES-NEXT: jump table: 0 0, then 0 0x12000
 * ES-NEXT: AP creation 0x2 0x6, PSC 0x2 0x6, features 0 0
 *
 * TRACE: msr dir=write msr=0x4b564d08 value=0x1 result=0
 * TRACE: vmmcall {{.*}}nr=0xc a0=[[PAGE:0x[0-9a-f]+]] a1=0x1 a2=0x0 {{.*}}result=0x0
 * TRACE: msr dir=write msr=0x4b564d01 value=0x{{[0-9a-f]+}} result=0
 *
 * TRACE-ES: vmgexit code=0x81 {{.*}}nr=0xc a0=[[GHCB:0x[0-9a-f]+]] a1=0x1 a2=0x0 {{.*}}result=0x0
 * TRACE-ES: vmgexit code=0x7c {{.*}}msr=0x4b564d08 value=0x1
 * TRACE-ES: vmgexit code=0x81 {{.*}}nr=0xc a0=0x{{[0-9a-f]+}} a1=0x1 a2=0x0 {{.*}}result=0x0
 * TRACE-ES: vmgexit code=0x7c {{.*}}msr=0x4b564d01
 */
#include <malloc.h>
#include <stdio.h>

#include "abi/kvm_para.h"
#include "abi/sev.h"
#include "early/platform.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/ghcb.h"
#include "paravirt/pv_ops.h"

#define WORDS  (PAGE_SIZE / sizeof(u64))
#define SECRET U64_C(0x0123456789abcdef)

static volatile u64 *page;

static u64 *leaf_entry(void)
{
	u64 mask = PTE_ADDR_MASK & ~platform.private_mask;
	u64 *table = (u64 *)(read_cr3() & mask);

	for (unsigned int shift = 39;; shift -= 9) {
		u64 *entry = &table[((u64)page >> shift) % PTE_COUNT];

		if (shift == PAGE_SHIFT || *entry & PTE_PS)
			return entry;
		table = (u64 *)(*entry & mask);
	}
}

static void report(const char *how)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < WORDS; i++)
		kept += page[i] == SECRET;
	printf("%s: %u kept\n", how, kept);
}

static s64 map(u64 gpa, u64 count, u64 attributes)
{
	return kvm_hypercall3(KVM_HC_MAP_GPA_RANGE, gpa, count, attributes);
}

/* Behind mm's back. */
static void flip(bool private)
{
	map((u64)page, 1, private ? KVM_MAP_GPA_RANGE_ENCRYPTED : KVM_MAP_GPA_RANGE_DECRYPTED);
	write_cr0(read_cr0() & ~(u64)CR0_WP);
	*leaf_entry() ^= platform.private_mask;
	write_cr3(read_cr3());
}

static int map_private(u64 gpa, u64 count)
{
	return (int)map(gpa, count, KVM_MAP_GPA_RANGE_ENCRYPTED);
}

static u64 exit_with(u64 code, u64 info1, u64 info2, u64 *answer)
{
	struct ghcb_request r = ghcb_begin();
	u64 result;

	ghcb_set(r.ghcb, rax, 0);
	ghcb_set(r.ghcb, sw_scratch, (u64)r.ghcb->shared_buffer);
	ghcb_set(r.ghcb, sw_exit_code, code);
	ghcb_set(r.ghcb, sw_exit_info_1, info1);
	ghcb_set(r.ghcb, sw_exit_info_2, info2);
	vmgexit();
	result = ghcb_get(r.ghcb, sw_exit_info_1);
	*answer = ghcb_get(r.ghcb, sw_exit_info_2);
	ghcb_end(&r);
	return result;
}

static void show(const char *what, u64 code, u64 info1, u64 info2, const char *then)
{
	u64 answer, result = exit_with(code, info1, info2, &answer);

	printf("%s%#lx %#lx%s", what, result, answer, then);
}

static void test_ghcb(void)
{
	show("jump table: ", SVM_VMGEXIT_AP_JUMP_TABLE, GHCB_JUMP_TABLE_SET, 0x12000, ", ");
	show("then ", SVM_VMGEXIT_AP_JUMP_TABLE, GHCB_JUMP_TABLE_GET, 0, "\n");
	show("AP creation ", SVM_VMGEXIT_AP_CREATION, SVM_VMGEXIT_AP_CREATE, 0, ", ");
	show("PSC ", SVM_VMGEXIT_PSC, 0, 0, ", ");
	show("features ", SVM_VMGEXIT_HV_FEATURES, 0, 0, "\n");
}

static int test(int argc, char **argv)
{
	u64 control = 0;

	(void)argc, (void)argv;
	page = memalign(PAGE_2M_SIZE, PAGE_2M_SIZE); /* an entry of its own, of whatever size */
	printf("status %#lx\n", rdmsr(MSR_SEV_STATUS));
	for (unsigned int i = 0; i < WORDS; i++)
		page[i] = SECRET;
	report("as it was");
	flip(false);
	report("through the other alias");
	flip(true);
	report("through the first again");
	printf("told of 3 pages: %d; of none %d, of no memory %d\n", map_private((u64)page, 3),
	       map_private((u64)page, 0), map_private(BIT(50), 1));
	if (pv_msr_read(MSR_KVM_MIGRATION_CONTROL, &control))
		return 1;
	printf("migration control %#lx, 0x2 refused %d\n", control,
	       pv_msr_write(MSR_KVM_MIGRATION_CONTROL, 2));
	if (cc_has(CC_GHCB))
		test_ghcb();
	return 0;
}

DEFINE_WORKLOAD("test", "what SEV and SEV-ES guests have of their host", test);
