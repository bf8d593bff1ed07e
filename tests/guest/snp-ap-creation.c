/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AP creation: the host refuses what KVM refuses, by an error in the GHCB; a processor starts from
 * the state that another made for it, at once or at the next INIT and SIPI, stops when it is
 * destroyed, and its page can be used again afterwards. One that was never sent INIT starts by INIT
 * and SIPI only, as KVM's, unless a firmware was there before, as behind a direct boot.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp --smp 2 %t | FileCheck %s
 * CHECK: no such processor: 0x200000005
 * CHECK-NEXT: another VMPL: 0x200000005
 * CHECK-NEXT: other features: 0x200000005
 * CHECK-NEXT: no whole page: 0x200000005
 * CHECK-NEXT: at a 2M boundary: 0x200000005
 * CHECK-NEXT: no such request: 0x200000005
 * CHECK-NEXT: created: 0x0 runs
 * CHECK-NEXT: as it was made: TSC_AUX 0x1234, PAT 0x7010600070106
 * CHECK-NEXT: destroyed: 0x0 runs not
 * CHECK-NEXT: its page: 0 0
 * CHECK-NEXT: for INIT: 0x0 runs not
 * CHECK-NEXT: after INIT: 0x0 runs not
 * CHECK-NEXT: after SIPI: 0x0 runs
 * RUN: %run-guest --platform=snp --smp 9 --accel=tcg,thread=multi %t -- test first | FileCheck %s --check-prefix=FIRST
 * FIRST: created: 0x0 runs not
 * FIRST-NEXT: after SIPI alone: 0x0 runs not
 * FIRST-NEXT: after INIT: 0x0 runs not
 * FIRST-NEXT: after SIPI: 0x0 runs
 * RUN: %run-guest --platform=snp --boot=direct --smp 9 --accel=tcg,thread=multi %t -- test first | \
 * RUN:   FileCheck %s --check-prefix=PARKED
 * PARKED: created: 0x0 runs
 * PARKED-NEXT: after SIPI alone: 0x0 runs
 * PARKED-NEXT: after INIT: 0x0 runs not
 * PARKED-NEXT: after SIPI: 0x0 runs
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Inputs/vmsa.h"
#include "abi/exit_code.h"
#include "abi/x86.h"
#include "early/fatal.h"
#include "kernel/apic.h"
#include "kernel/workload.h"
#include "paravirt/pv_ops.h"

#define FEATURES  SEV_FEATURES_SNP_ACTIVE
#define ABSENT_ID 8 /* of a processor beyond those that this guest starts */
#define SHORT     300000
#define MEDIUM    3000000
#define LONG      U64_C(1000000000) /* it is meant to run, perhaps later */

static u8 stack[PAGE_SIZE] __aligned_page;
static volatile u64 count;
static volatile u64 pat;
static volatile u32 aux;

static void other(void)
{
	u32 own;

	rdtscp(&own);
	aux = own;
	pat = rdmsr(MSR_PAT);
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

static void after(const char *what, u32 id, u64 patience)
{
	if (what[6] == 'S')
		apic_startup_ipi(id, pa(0x1000));
	else
		apic_init_ipi(id);
	show_running(what, 0, patience);
}

/* Of a processor that nobody has touched. */
static void start_first(u64 page)
{
	show_running("created", vmsa_create(ABSENT_ID, page), MEDIUM);
	after("after SIPI alone", ABSENT_ID, MEDIUM);
	after("after INIT", ABSENT_ID, MEDIUM);
	after("after SIPI", ABSENT_ID, LONG);
	exit_run(EXIT_CODE_SUCCESS);
}

static int test(int argc, char **argv)
{
	u64 page = align_up((u64)malloc(2 * PAGE_SIZE), (u64)PAGE_SIZE);
	u64 other_id = U64_C(1) << 32;
	struct vmsa *vmsa;
	u32 back, again;

	if (is_aligned(page, PAGE_2M_SIZE))
		page = align_up((u64)malloc(2 * PAGE_SIZE), (u64)PAGE_SIZE);
	vmsa = vmsa_make(page, other, (u64)stack + sizeof(stack));
	vmsa->tsc_aux = 0x1234;
	vmsa->g_pat = U64_C(0x0007010600070106);
	if (vmsa_adjust(page, true))
		abort();
	if (argc > 1 && !strcmp(argv[1], "first"))
		start_first(page);
	show("no such processor", vmsa_create(2, page));
	show("another VMPL", vmsa_request(other_id | 1 << 16 | 1, page, FEATURES));
	show("other features", vmsa_request(other_id | 1, page, FEATURES | 8));
	show("no whole page", vmsa_create(1, page + 8));
	show("at a 2M boundary", vmsa_create(1, align_down(page, (u64)PAGE_2M_SIZE)));
	show("no such request", vmsa_request(other_id | 3, page, FEATURES));
	show_running("created", vmsa_create(1, page), LONG);
	printf("as it was made: TSC_AUX %#x, PAT %#llx\n", aux, (unsigned long long)pat);
	show_running("destroyed", vmsa_request(other_id | SVM_VMGEXIT_AP_DESTROY, 0, FEATURES),
		     SHORT);
	back = vmsa_adjust(page, false);
	vmsa_make(page, other, (u64)stack + sizeof(stack));
	again = vmsa_adjust(page, true);
	printf("its page: %u %u\n", back, again);
	show_running("for INIT", vmsa_request(other_id, page, FEATURES), SHORT);
	after("after INIT", 1, SHORT);
	after("after SIPI", 1, LONG);
	exit_run(EXIT_CODE_SUCCESS); /* the other processor is no longer there to take leave */
}

DEFINE_WORKLOAD("test", "AP creation", test);
