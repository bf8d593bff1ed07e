/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AP creation: the host refuses what KVM refuses, by an error in the GHCB; a processor starts from
 * the state that another made for it, at once or at the next INIT, stops when it is destroyed, and
 * its page can be used again afterwards.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --smp 2 %t | FileCheck %s
 * CHECK: no such processor: 0x200000005
 * CHECK-NEXT: another VMPL: 0x200000005
 * CHECK-NEXT: other features: 0x200000005
 * CHECK-NEXT: no whole page: 0x200000005
 * CHECK-NEXT: at a 2M boundary: 0x200000005
 * CHECK-NEXT: no such request: 0x200000005
 * CHECK-NEXT: created: 0x0 runs
 * CHECK-NEXT: destroyed: 0x0 runs not
 * CHECK-NEXT: its page: 0 0
 * CHECK-NEXT: for INIT: 0x0 runs not
 * CHECK-NEXT: after INIT: 0x0 runs
 */
#include <stdio.h>
#include <stdlib.h>

#include "Inputs/vmsa.h"
#include "abi/exit_code.h"
#include "abi/x86.h"
#include "kernel/workload.h"
#include "paravirt/exit.h"
#include "paravirt/pv_ops.h"

#define FEATURES SEV_FEATURES_SNP_ACTIVE
#define ICR_INIT 0x4500
#define SHORT    300000
#define LONG     U64_C(1000000000) /* it is meant to run, perhaps later */

static u8 stack[PAGE_SIZE] __aligned_page;
static volatile u64 count;

static void other(void)
{
	for (;;)
		count++;
}

static bool runs(u64 patience)
{
	u64 before = count;

	for (u64 i = 0; i < patience && count == before; i++)
		cpu_relax();
	return count != before;
}

static void show(const char *what, u64 answer)
{
	printf("%s: 0x%llx\n", what, (unsigned long long)answer);
}

static void show_running(const char *what, u64 answer, u64 patience)
{
	bool running;

	for (u64 i = 0; i < SHORT; i++) /* whoever is to stop has stopped */
		cpu_relax();
	running = runs(patience);
	printf("%s: 0x%llx runs%s\n", what, (unsigned long long)answer, running ? "" : " not");
}

static int test(int argc, char **argv)
{
	u64 page = align_up((u64)malloc(2 * PAGE_SIZE), (u64)PAGE_SIZE);
	u64 other_id = U64_C(1) << 32;
	u32 back, again;

	(void)argc, (void)argv;
	if (is_aligned(page, PAGE_2M_SIZE))
		page = align_up((u64)malloc(2 * PAGE_SIZE), (u64)PAGE_SIZE);
	vmsa_make(page, other, (u64)stack + sizeof(stack));
	if (vmsa_adjust(page, true))
		abort();
	show("no such processor", vmsa_create(2, page));
	show("another VMPL", vmsa_request(other_id | 1 << 16 | 1, page, FEATURES));
	show("other features", vmsa_request(other_id | 1, page, FEATURES | 8));
	show("no whole page", vmsa_create(1, page + 8));
	show("at a 2M boundary", vmsa_create(1, align_down(page, (u64)PAGE_2M_SIZE)));
	show("no such request", vmsa_request(other_id | 3, page, FEATURES));
	show_running("created", vmsa_create(1, page), LONG);
	show_running("destroyed", vmsa_request(other_id | SVM_VMGEXIT_AP_DESTROY, 0, FEATURES),
		     SHORT);
	back = vmsa_adjust(page, false);
	vmsa_make(page, other, (u64)stack + sizeof(stack));
	again = vmsa_adjust(page, true);
	printf("its page: %u %u\n", back, again);
	show_running("for INIT", vmsa_request(other_id, page, FEATURES), SHORT);
	pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_HIGH), 4, 1 << 24);
	pv_mmio_write(pa(APIC_BASE_DEFAULT + APIC_ICR_LOW), 4, ICR_INIT);
	show_running("after INIT", 0, LONG);
	exit_run(EXIT_CODE_SUCCESS); /* the other processor is no longer there to take leave */
}

DEFINE_WORKLOAD("test", "AP creation", test);
