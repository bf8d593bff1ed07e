/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A processor that asks for a reset hold, by its GHCB or by the MSR protocol, comes back when it is
 * started again, and not before: neither by INIT nor by an NMI.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=sev-es --smp=2 --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE < %t.trace
 * RUN: %run-guest --platform=snp --smp=2 --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE < %t.trace
 * CHECK: by page: held, then woken with 1
 * CHECK-NEXT: by MSR: held, then woken with 0x1
 * TRACE: cpu1 vmgexit code=0x80000004 {{.*}}result=0x0
 * TRACE: cpu1 ghcb-msr request=0x6 response=0x1007
 */
#include <stdio.h>

#include "abi/ghcb.h"
#include "early/ghcb_msr.h"
#include "early/percpu.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/spinlock.h"
#include "paravirt/ghcb.h"

#define ICR_NMI 0x400
#define SHORT   100000
#define BY_PAGE 1
#define BY_MSR  2

static struct {
	unsigned int asking; /* by what; 0: came back */
	u64 answer;
} hold;

static u64 ask_by_page(void)
{
	struct ghcb_request r = ghcb_begin();
	struct host_exception exception;
	u64 answer = 0;

	if (!ghcb_exit(r.ghcb, SVM_VMGEXIT_AP_HLT_LOOP, 0, 0, &exception))
		answer = ghcb_get(r.ghcb, sw_exit_info_2);
	ghcb_end(&r);
	return answer;
}

static void ask(unsigned int by)
{
	u64 answer;

	__atomic_store_n(&hold.asking, by, __ATOMIC_SEQ_CST);
	answer = by == BY_PAGE ? ask_by_page() : ghcb_msr_call(GHCB_MSR_AP_RESET_HOLD_REQ);
	hold.answer = answer;
	__atomic_store_n(&hold.asking, 0, __ATOMIC_SEQ_CST);
}

static bool is_held(void) { return __atomic_load_n(&hold.asking, __ATOMIC_SEQ_CST); }

static void spin(void)
{
	for (int i = 0; i < SHORT; i++)
		cpu_relax();
}

static const char *wake(unsigned int by)
{
	u32 id = percpus[1].apic_id;
	bool was_held;

	while (__atomic_load_n(&hold.asking, __ATOMIC_SEQ_CST) != by)
		spin_poll();
	spin();
	apic_init_ipi(id);
	apic_ipi(id, ICR_NMI);
	spin();
	was_held = is_held();
	while (is_held()) { /* the first may have come before the request */
		apic_init_ipi(id);
		apic_startup_ipi(id, pa(0x1000));
		spin();
	}
	return was_held ? "held" : "not held";
}

static void take_nmi(struct trap_frame *frame) { (void)frame; }

/* The output of one way is the boot processor's, before the other asks again. */
static volatile bool next;

static void run(void *context)
{
	const char *how;

	(void)context;
	if (cpu_index()) {
		ask(BY_PAGE);
		while (!next)
			spin_poll();
		ask(BY_MSR);
		return;
	}
	how = wake(BY_PAGE);
	printf("by page: %s, then woken with %d\n", how, (int)hold.answer);
	next = true;
	how = wake(BY_MSR);
	printf("by MSR: %s, then woken with %#llx\n", how, (unsigned long long)(hold.answer >> 12));
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	irq_register(VEC_NMI, take_nmi);
	smp_run(run, NULL);
	return 0;
}

DEFINE_WORKLOAD("test", "reset holds", test);
