/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each forbidden step that the monitor knows by name is taken here, and stops the guest with that
 * name and status 4.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --status=4 --platform=snp --page-states=%t.states.html --trace=%t.v0 %t -- test 0 | \
 * RUN:   FileCheck %s --check-prefix=V0
 * RUN: python3 %S/Inputs/seen.py %t.v0 %t.states.html | FileCheck %s --check-prefix=PICTURE
 * PICTURE: violation: violation psc-shared-validated
 * V0: monitor: violation psc-shared-validated: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 1 | FileCheck %s --check-prefix=V1
 * V1: monitor: violation pvalidate-twice: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 2 | FileCheck %s --check-prefix=V2
 * V2: monitor: violation pvalidate-unassigned: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 3 | FileCheck %s --check-prefix=V3
 * V3: monitor: violation rmpadjust-unassigned: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 4 | FileCheck %s --check-prefix=V4
 * V4: monitor: violation access-not-validated: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 5 | FileCheck %s --check-prefix=V5
 * V5: monitor: violation access-private-unassigned: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 6 | FileCheck %s --check-prefix=V6
 * V6: monitor: violation access-shared-alias: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 7 | FileCheck %s --check-prefix=V7
 * V7: monitor: violation execute-shared: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 8 | FileCheck %s --check-prefix=V8
 * V8: monitor: violation page-table-shared: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 9 | FileCheck %s --check-prefix=V9
 * V9: monitor: violation ghcb-unregistered: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 10 | FileCheck %s --check-prefix=V10
 * V10: monitor: violation ghcb-private: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 11 | FileCheck %s --check-prefix=V11
 * V11: monitor: violation ghcb-field-not-valid: {{.*}} field=sw_exit_code
 * RUN: %run-guest --status=4 --platform=snp %t -- test 12 | FileCheck %s --check-prefix=V12
 * V12: monitor: violation ghcb-msr-request: {{.*}} request=0x3
 * RUN: %run-guest --status=4 --platform=snp --trace %t.trace %t -- test 13 | FileCheck %s --check-prefix=V13
 * V13: monitor: violation vmcall: {{.*}} rax=0x1
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 * RUN: %run-guest --status=4 --platform=snp %t -- test 14 | FileCheck %s --check-prefix=V14
 * V14: executed through the shared alias
 * V14: monitor: violation access-shared-alias: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 15 | FileCheck %s --check-prefix=V15
 * RUN: %run-guest --status=4 --platform=sev %t -- test 13 | FileCheck %s --check-prefix=V13
 * VMCALL as hardware has it: #UD, which our guest does not expect.
 * RUN: %run-guest --status=5 --platform=sev --monitor-option=lenient=vmcall %t -- test 13 | \
 * RUN:   FileCheck %s --check-prefix=UD
 * RUN: %run-guest --status=5 --platform=snp --monitor-option=lenient=vmcall %t -- test 13 | \
 * RUN:   FileCheck %s --check-prefix=UD
 * RUN: %run-guest --status=5 --platform=sev-es --monitor-option=lenient=vmcall %t -- test 13 | \
 * RUN:   FileCheck %s --check-prefix=UD
 * UD: panic: {{.*}}vector 6
 * RUN: %run-guest --status=4 --platform=sev %t -- test 30 | FileCheck %s --check-prefix=V30
 * V30: monitor: violation string-io: {{.*}} port=0x3f8
 * RUN: %run-guest --status=4 --platform=sev %t -- test 15 | FileCheck %s --check-prefix=V15
 * RUN: %run-guest --status=4 --platform=sev-es %t -- test 11 | FileCheck %s --check-prefix=V11
 * RUN: %run-guest --status=4 --platform=sev-es %t -- test 12 | FileCheck %s --check-prefix=V12
 * RUN: %run-guest --status=4 --platform=sev-es %t -- test 13 | FileCheck %s --check-prefix=V13
 * RUN: %run-guest --status=4 --platform=sev-es %t -- test 17 | FileCheck %s --check-prefix=V17
 * RUN: %run-guest --status=4 --platform=sev-es %t -- test 33 | FileCheck %s --check-prefix=V17
 * V17: monitor: violation ghcb-private: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=sev-es %t -- test 15 | FileCheck %s --check-prefix=V15
 * V15: monitor: violation access-private-device: {{.*}} gpa=0xfe
 * RUN: %run-guest --status=4 --platform=sev-es %t -- test 16 | FileCheck %s --check-prefix=V16
 * V16: monitor: violation ghcb-msr-request: {{.*}} request=0x{{[0-9a-f]*}}14
 * RUN: %run-guest --status=4 --platform=snp %t -- test 18 | FileCheck %s --check-prefix=V18
 * RUN: %run-guest --status=4 --platform=snp %t -- test 19 | FileCheck %s --check-prefix=V18
 * V18: monitor: violation pvalidate-shared-alias: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp %t -- test 31 | FileCheck %s --check-prefix=V31
 * V31: monitor: violation psc-reserved: {{.*}} reserved=0x1
 * RUN: %run-guest --status=4 --platform=snp --lie page-take/start@0=0x2aa000 -- hello | FileCheck %s --check-prefix=V32
 * V32: monitor: violation host-denied: {{.*}} gpa=0x2aa000
 * Let through it is our guest that ends: it sees the bits come back.
 * RUN: %run-guest --status=3 --platform=snp --monitor-option=lenient=psc %t -- test 31 | \
 * RUN:   FileCheck %s --check-prefix=LENIENT
 * LENIENT: monitor: the guest terminated itself: reason set 0x1 code 0x5
 * RUN: %run-guest --status=4 --platform=sev --monitor-option=strict=map-gpa %t -- test 20 | \
 * RUN:   FileCheck %s --check-prefix=V20
 * RUN: %run-guest --status=4 --platform=sev-es --monitor-option=strict=map-gpa %t -- test 20 | \
 * RUN:   FileCheck %s --check-prefix=V20
 * RUN: %run-guest --status=4 --platform=sev --monitor-option=strict=map-gpa %t -- test 21 | \
 * RUN:   FileCheck %s --check-prefix=V20
 * RUN: %run-guest --status=4 --platform=sev --monitor-option=strict=map-gpa %t -- test 32 | \
 * RUN:   FileCheck %s --check-prefix=V20
 * RUN: %run-guest --status=4 --platform=sev-es --monitor-option=strict=map-gpa %t -- test 32 | \
 * RUN:   FileCheck %s --check-prefix=V20
 * V20: monitor: violation map-gpa-untold: {{.*}} gpa=0x
 * RUN: %run-guest --status=4 --platform=snp --smp 2 %t -- test 22 | \
 * RUN:   FileCheck %s --check-prefix=V22
 * RUN: %run-guest --status=4 --platform=snp --smp 2 %t -- test 23 | \
 * RUN:   FileCheck %s --check-prefix=READ
 * RUN: %run-guest --status=4 --platform=snp --smp 2 %t -- test 24 | \
 * RUN:   FileCheck %s --check-prefix=V23
 * RUN: %run-guest --status=4 --platform=snp --smp 2 %t -- test 25 | \
 * RUN:   FileCheck %s --check-prefix=V23
 * RUN: %run-guest --status=4 --platform=snp --smp 2 %t -- test 26 | \
 * RUN:   FileCheck %s --check-prefix=V23
 * RUN: %run-guest --status=4 --platform=snp --smp 2 %t -- test 27 | \
 * RUN:   FileCheck %s --check-prefix=V24
 * RUN: %run-guest --status=4 --platform=snp --smp 2 %t -- test 28 | \
 * RUN:   FileCheck %s --check-prefix=V25
 * V22: monitor: violation vmsa-page: {{.*}} gpa=0x
 * READ: its VMPL: 0
 * READ-NEXT: monitor: violation vmsa-in-use
 * V23: monitor: violation vmsa-in-use: {{.*}} gpa=0x
 * V24: monitor: violation vmsa-state: {{.*}} reason="EFER.SVME is clear"
 * V25: monitor: violation vmsa-features: {{.*}} gpa=0x
 * What PVALIDATE takes away another processor, which never leaves the guest, may still have in its
 * TLB, which PVALIDATE does not invalidate (APM3); what the host takes away it has no more:
 * RUN: %run-guest --status=4 --platform=snp --smp 2 --trace %t.trace %t -- test 29 | \
 * RUN:   FileCheck %s --check-prefix=V29
 * RUN: FileCheck %s --check-prefix=OTHER --input-file=%t.trace
 * OTHER: cpu0 pvalidate {{.*}} validate=0x0
 * OTHER: cpu1 violation name=access-{{not-validated|private-unassigned}}
 * V29: monitor: violation access-{{not-validated|private-unassigned}}: {{.*}} gpa=0x
 * Who looks on is no access of the guest's: RSP and RBP lead through the shared alias.
 * RUN: %run-guest --platform=snp --profile=%t.profile.json %t -- test 34 | \
 * RUN:   FileCheck %s --check-prefix=LOOK
 * RUN: FileCheck %s --check-prefix=EXITS --input-file=%t.profile.json
 * LOOK: an exit with such a stack
 * LOOK-NOT: violation
 * EXITS: ghcb-msr
 * TRACE: cpu0 vmcall rax=0x1
 * TRACE-NEXT: cpu0 violation name=vmcall
 * TRACE-NEXT: # total {{.*}}violation=1
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Inputs/vmsa.h"
#include "abi/sev.h"
#include "early/ghcb_msr.h"
#include "early/platform.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "mm/visibility.h"
#include "paravirt/ghcb.h"
#include "paravirt/pv_ops.h"

static u64 page; /* private, valid; its GPA is its address */

static void share(void)
{
	if (set_memory_decrypted(va(page), 1))
		abort();
}

static void validate(unsigned int valid)
{
	bool unchanged;

	if (pvalidate(page, RMP_PG_SIZE_4K, valid, &unchanged))
		abort();
}

static void request(u64 msr)
{
	wrmsr(MSR_GHCB, msr);
	vmgexit();
}

static void touch(void) { *(volatile u64 *)page; }

static void psc(unsigned int op)
{
	if (ghcb_msr_psc(page >> PAGE_SHIFT, op))
		abort();
}

/* The page is shared; only its entry still says private. */
static void give_away(void)
{
	validate(0);
	psc(PSC_OP_SHARED);
}

/* The leaf entry of the page in the tables in use, which the identity map shows. */
static u64 *leaf_entry(void)
{
	u64 *table = (u64 *)(read_cr3() & PTE_ADDR_MASK & ~BIT(51));

	for (unsigned int shift = 39;; shift -= 9) {
		u64 *entry = &table[(page >> shift) % PTE_COUNT];

		if (shift == PAGE_SHIFT || *entry & PTE_PS)
			return entry;
		table = (u64 *)(*entry & PTE_ADDR_MASK & ~BIT(51));
	}
}

/* The page is private; only its entry says otherwise. */
static void map_shared(bool is_used)
{
	share(); /* splits the 2M entry that the page is in */
	if (set_memory_encrypted(va(page), 1))
		abort();
	if (is_used) /* as private */
		touch();
	write_cr0(read_cr0() & ~(u64)CR0_WP);
	*leaf_entry() &= ~platform.private_mask;
	invlpg(page);
}

/* Hardware fetches as private through any mapping, but reads through this one get ciphertext. */
static void read_what_was_executed(void)
{
	share(); /* splits the 2M entry that the page is in */
	if (set_memory_encrypted(va(page), 1))
		abort();
	memset((void *)page, 0xc3, PAGE_SIZE);
	write_cr0(read_cr0() & ~(u64)CR0_WP);
	*leaf_entry() &= ~(PTE_NX | BIT(51));
	invlpg(page);
	((void (*)(void))page)();
	puts("executed through the shared alias"); /* makes an exit */
	touch();
}

/* Code in a shared page; the guest's own tables forbid it, so they are changed behind mm's back. */
static void execute_shared(void)
{
	share();
	memset((void *)page, 0xc3, PAGE_SIZE);
	write_cr0(read_cr0() & ~(u64)CR0_WP);
	*leaf_entry() &= ~PTE_NX;
	invlpg(page);
	((void (*)(void))page)();
}

/* The APIC, as if it were memory of ours. */
static void touch_device(void)
{
	u64 *entry = leaf_entry();

	write_cr0(read_cr0() & ~(u64)CR0_WP);
	*entry = APIC_BASE_DEFAULT | platform.private_mask | PTE_P | PTE_W | (*entry & PTE_PS);
	invlpg(page);
	touch();
}

static void field_not_valid(void)
{
	struct ghcb_request use = ghcb_begin();

	use.ghcb->save.sw_exit_code = SVM_EXIT_WBINVD;
	request(rdmsr(MSR_GHCB));
}

/* A request by MSR, which uses no stack. */
static void exit_off_stack(void)
{
	u64 msr = rdmsr(MSR_GHCB);

	map_shared(true);
	wrmsr(MSR_GHCB, GHCB_MSR_SEV_INFO_REQ);
	__asm__ volatile("mov %%rsp, %%r12\n\tmov %%rbp, %%r13\n\t"
			 "mov %0, %%rsp\n\tlea 16(%%rsp), %%rbp\n\t"
			 "rep vmmcall\n\t"
			 "mov %%r13, %%rbp\n\tmov %%r12, %%rsp" ::"r"(page)
			 : "r12", "r13", "memory");
	wrmsr(MSR_GHCB, msr);
	puts("an exit with such a stack");
}

static void vmcall(void) { __asm__ volatile(".byte 0x0f, 0x01, 0xc1" ::"a"(1L) : "memory"); }

static u8 other_stack[PAGE_SIZE] __aligned_page;

static void other(void)
{
	for (;;)
		cpu_relax();
}

static void other_touches(void)
{
	for (;;)
		++*(volatile u64 *)page;
}

/* Has a page taken away that the other processor is using, from tables and TLB at once. */
static void take_from_other(void)
{
	u64 vmsa = page + PAGE_SIZE; /* the other one uses @page from its first instruction on */

	share(); /* splits the 2M entry that the page is in */
	if (set_memory_encrypted(va(page), 1))
		abort();
	memset((void *)page, 0, PAGE_SIZE);
	vmsa_make(vmsa, other_touches, (u64)other_stack + sizeof(other_stack));
	if (vmsa_adjust(vmsa, true) || vmsa_create(1, vmsa))
		abort();
	while (*(volatile u64 *)page < 1000)
		cpu_relax();
	give_away();
	for (int i = 0; i < 1000000; i++)
		cpu_relax();
}

/* Starts the other processor, from the page or, with a wrong @efer or @features, not. */
static void start_other(bool adjust, u64 efer, u64 features)
{
	struct vmsa *vmsa = vmsa_make(page, other, (u64)other_stack + sizeof(other_stack));

	vmsa->efer &= ~efer;
	vmsa->sev_features |= features;
	if (adjust && vmsa_adjust(page, true))
		abort();
	if (vmsa_create(1, page))
		abort();
}

/* Of a page that is shared already: nothing but the header is wrong. */
static void psc_reserved(void)
{
	struct psc_desc desc = { .header.reserved = 1 };

	give_away();
	desc.entries[0] = psc_entry(page >> PAGE_SHIFT, PSC_OP_SHARED, 0);
	if (psc_request(&desc))
		abort();
}

static int test(int argc, char **argv)
{
	page = align_up((u64)malloc(3 * PAGE_SIZE), (u64)PAGE_SIZE);
	cli();
	switch (argc > 1 ? atoi(argv[1]) : -1) {
	case 0: psc(PSC_OP_SHARED); break;
	case 1: validate(1); break;
	case 2:
		give_away();
		validate(1);
		break;
	case 3:
		give_away();
		if (rmpadjust(page, RMP_PG_SIZE_4K, 1))
			abort();
		break;
	case 4:
		validate(0);
		touch();
		break;
	case 5:
		give_away();
		touch();
		break;
	case 6:
		share();
		psc(PSC_OP_PRIVATE);
		touch();
		break;
	case 7: execute_shared(); break;
	case 8:
		share();
		write_cr3(page);
		break;
	case 9:
		share();
		request(page);
		break;
	case 10:
		if (ghcb_msr_register_gpa(page))
			abort();
		request(page);
		break;
	case 11: field_not_valid(); break;
	case 12: request(0x3); break;
	case 13: vmcall(); break;
	case 14: read_what_was_executed(); break;
	case 17:
		touch();
		request(page);
		break;
	case 33: request(page); break; /* what nobody used is private, too */
	case 18:
		map_shared(true);
		validate(0);
		break;
	case 20: /* without a word to the host */
		map_shared(true);
		touch();
		break;
	case 32: /* the same, though nobody used it as private since it was shared before */
		map_shared(false);
		touch();
		break;
	case 21: /* with a wrong one */
		share();
		touch();
		kvm_hypercall3(KVM_HC_MAP_GPA_RANGE, page, 1, KVM_MAP_GPA_RANGE_DECRYPTED);
		*leaf_entry() |= platform.private_mask;
		invlpg(page);
		touch();
		break;
	case 19:
		map_shared(true);
		if (rmpadjust(page, RMP_PG_SIZE_4K, 1))
			abort();
		break;
	case 22: start_other(false, 0, 0); break;
	case 30: outsb(PORT_COM1, "?", 1); break;
	case 23:
		start_other(true, 0, 0); /* anybody may read it, as OVMF does */
		printf("its VMPL: %u\n", READ_ONCE(((const struct vmsa *)page)->vmpl));
		WRITE_ONCE(((struct vmsa *)page)->vmpl, 0);
		break;
	case 24:
		start_other(true, 0, 0);
		if (vmsa_adjust(page, false))
			abort();
		break;
	case 25:
		start_other(true, 0, 0);
		validate(0);
		break;
	case 26: /* twice from the same page */
		start_other(true, 0, 0);
		vmsa_create(1, page);
		break;
	case 27: start_other(true, EFER_SVME, 0); break;
	case 28: start_other(true, 0, BIT(3)); break;
	case 29: take_from_other(); break;
	case 15: touch_device(); break;
	case 31: psc_reserved(); break;
	case 34: exit_off_stack(); return 0;
	case 16: psc(PSC_OP_SHARED); break;
	default: abort();
	}
	return 1;
}

DEFINE_WORKLOAD("test", "commits one violation", test);
