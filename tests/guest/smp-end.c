/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that takes no notice of a guest's end: the processor that makes it tells again and again,
 * and the other one, amid requests of its own, asks for nothing more.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --status=3 --platform=snp --smp=2 --trace=%t.snp \
 * RUN:   --monitor-option=inject=end-ignored:50 %t | FileCheck %s
 * RUN: awk '/cpu1 ghcb-msr request=0x[0-9a-f]+100 / {ends++} ends && /cpu0 (vmgexit|ghcb-msr)/ {others++} \
 * RUN:   END {print ends, others + 0}' %t.snp | FileCheck %s --check-prefix=COUNT
 * RUN: %run-guest --status=3 --platform=tdx --smp=2 --trace=%t.tdx \
 * RUN:   --monitor-option=inject=end-ignored:50 %t | FileCheck %s
 * RUN: awk '/cpu1 tdvmcall function=0x10003 / {ends++} ends && /cpu0 tdvmcall/ {others++} \
 * RUN:   END {print ends, others + 0}' %t.tdx | FileCheck %s --check-prefix=COUNT
 *
 * CHECK: postern: processor 1 ends (reason 5)
 * CHECK: monitor: the guest terminated itself
 * One that was on its way already is none that it asked for afterwards.
 * COUNT: {{^}}51 {{[01]$}}
 */
#include "abi/termination.h"
#include "early/fatal.h"
#include "early/percpu.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/spinlock.h"
#include "paravirt/pv_ops.h"

#define REQUESTS 20

static u64 requests;

static void run(void *context)
{
	(void)context;
	while (!cpu_index()) {
		kvm_hypercall0(KVM_HC_VAPIC_POLL_IRQ);
		WRITE_ONCE(requests, requests + 1);
	}
	while (READ_ONCE(requests) < REQUESTS)
		spin_poll();
	fatal(TERM_RESPONSE, "processor %u ends", cpu_index());
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	smp_run(run, NULL);
	return 1;
}

DEFINE_WORKLOAD("test", "ends on the other processor", test);
