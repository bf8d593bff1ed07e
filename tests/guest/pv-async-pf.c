/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Async page faults. The "page ready" interrupt, which a host may send at any time after the
 * registration, takes the token, acknowledges it, and does no harm. Where the host may change CR2 a
 * page that it lacks is said to be away by a #PF with a token; the guest sleeps, its timer goes on
 * ticking, and it goes on when the interrupt with that token came: with the right contents. Where
 * the state is encrypted no #PF is taken for one, whatever the shared page says.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s -check-prefix=BARE
 * RUN: %run-guest --platform=kvm --mode=emulate --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=TRACE < %t.trace
 * RUN: %run-guest --platform=sev-es --trace=%t.trace --monitor-option=inject=async-pf:20 %t \
 * RUN:   | FileCheck %s
 * RUN: FileCheck %s -check-prefixes=READY,TRACE --implicit-check-not=not-present < %t.trace
 * RUN: %run-guest --platform=snp --trace=%t.trace --monitor-option=inject=async-pf:20 %t \
 * RUN:   | FileCheck %s
 * RUN: FileCheck %s -check-prefixes=READY,TRACE --implicit-check-not=not-present < %t.trace
 * RUN: %run-guest --platform=tdx --trace=%t.trace \
 * RUN:   --monitor-option="inject=tdx-pv-pages inject=async-pf:20" %t | FileCheck %s
 * RUN: FileCheck %s -check-prefixes=READY,TDX --implicit-check-not=not-present < %t.trace
 * RUN: %run-guest --platform=kvm --mode=emulate --trace=%t.trace \
 * RUN:   --monitor-option=inject=async-pf:20 %t | FileCheck %s -check-prefix=EVENT
 * RUN: FileCheck %s -check-prefix=EVENT-TRACE < %t.trace
 * RUN: %run-guest --platform=sev --trace=%t.trace --monitor-option=inject=async-pf:20 %t \
 * RUN:   | FileCheck %s -check-prefix=EVENT
 * RUN: FileCheck %s -check-prefix=EVENT-TRACE < %t.trace
 * CHECK: 1 interrupt, token 0{{$}}
 * CHECK: waits: none; contents right
 * BARE: 1 interrupt, token 0
 * BARE: waits: none; contents right
 * READY: async-pf=ready token=0xffffffff
 * TDX: tdvmcall function=0x20 a0=0x4b564d07 a1=0x1 {{.*}}r10=0x0
 * TRACE: dir=write msr=0x4b564d07 value=0x1 result=0
 * EVENT: interrupt, token 0{{$}}
 * EVENT: waits: some, 20 ms each or more, with ticks; contents right
 * EVENT-TRACE: inject async-pf=ready token=0xffffffff
 * EVENT-TRACE: inject async-pf=not-present token=[[TOKEN:0x[0-9a-f]+]]
 * EVENT-TRACE-NEXT: inject vector=0xe
 * EVENT-TRACE: inject async-pf=ready token=[[TOKEN]]
 * EVENT-TRACE: msr=0x4b564d07 value=0x1 result=0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/kvm_para.h"
#include "kernel/apic.h"
#include "kernel/time.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_pages.h"

#define TIMER_VECTOR 0x50
#define TIMER_TICKS  2000000 /* some milliseconds at most */
#define SIZE         (8 << 20)
#define STEP         (1 << 20)

static volatile u64 ticks;

static void tick(struct trap_frame *frame)
{
	(void)frame;
	ticks++;
	apic_eoi();
}

static void one_interrupt(void)
{
	struct kvm_vcpu_pv_apf_data *page = pv_page_registered(PV_PAGE_ASYNC_PF);
	u64 before = irq_count();

	if (page)
		page->token = ~0U;
	apic_self_ipi(PV_ASYNC_PF_VECTOR);
	while (irq_count() == before)
		cpu_relax();
	printf("%d interrupt, token %#x\n", (int)(irq_count() - before), page ? page->token : 0);
}

/* New memory, whose pages nobody has touched. */
static int touch(void)
{
	u64 waits = pv_async_pf_waits(), start = rdtsc(), ns;
	volatile u8 *memory = malloc(SIZE);
	int wrong = !memory;

	for (unsigned int i = 0; memory && i < SIZE; i += STEP)
		memory[i] = (u8)(i / STEP + 1);
	ns = time_tsc_to_ns(rdtsc() - start);
	waits = pv_async_pf_waits() - waits;
	for (unsigned int i = 0; memory && i < SIZE; i += STEP)
		wrong |= memory[i] != i / STEP + 1;
	if (waits)
		printf("waits: some, %s, %s ticks; ",
		       ns >= waits * 20000000 ? "20 ms each or more" : "too short",
		       ticks ? "with" : "without");
	else
		printf("waits: none; ");
	printf("contents %s\n", wrong ? "wrong" : "right");
	return wrong;
}

static int test(int argc, char **argv)
{
	int error;

	(void)argc, (void)argv;
	one_interrupt();
	irq_register(TIMER_VECTOR, tick);
	apic_timer_start(TIMER_VECTOR, TIMER_TICKS, true);
	error = touch();
	apic_timer_stop();
	return error;
}

DEFINE_WORKLOAD("test", "async page fault", test);
