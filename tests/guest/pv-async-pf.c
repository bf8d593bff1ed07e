/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The "page ready" interrupt of an async page fault, which a host may send at any time after the
 * registration, takes the token, acknowledges it, and does no harm.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=plain %t | FileCheck %s -check-prefix=BARE
 * RUN: %run-guest --platform=plain --mode=emulate --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=TRACE < %t.trace
 * RUN: %run-guest --platform=snp --trace=%t.trace %t | FileCheck %s
 * RUN: FileCheck %s -check-prefix=TRACE < %t.trace
 * CHECK: 1 interrupt, token 0{{$}}
 * BARE: 1 interrupt, token 0
 * TRACE: dir=write msr=0x4b564d07 value=0x1 result=0
 */
#include <stdio.h>

#include "abi/kvm_para.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_pages.h"
#include "paravirt/pv_pages_host.h"

static int test(int argc, char **argv)
{
	struct kvm_vcpu_pv_apf_data *page = pv_page_registered(PV_PAGE_ASYNC_PF);
	u64 before = irq_count();

	(void)argc, (void)argv;
	if (page)
		page->token = ~0U;
	apic_self_ipi(PV_ASYNC_PF_VECTOR);
	while (irq_count() == before)
		cpu_relax();
	printf("%d interrupt, token %#x\n", (int)(irq_count() - before), page ? page->token : 0);
	return 0;
}

DEFINE_WORKLOAD("test", "async page fault", test);
