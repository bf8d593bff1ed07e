/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that injects #GP where an instruction of the fixup table is due is believed, once, as if
 * the instruction had failed (lib/extable.h); #DB, which no such instruction raises, is not.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=sev-es --monitor-option=inject=event:13900 %t | FileCheck %s
 * RUN: %run-guest --platform=snp --monitor-option=inject=event:13900 %t | FileCheck %s
 * CHECK: 1 fault: 0x10d
 * RUN: %run-guest --platform=snp --status=5 --monitor-option=inject=event:1900 %t | \
 * RUN:   FileCheck %s --check-prefix=DB
 * DB-NOT: rax
 * DB: postern: panic: #DB (vector 1) at 0x{{[0-9a-f]+$}}
 * DB-NEXT: postern: backtrace:
 * DB-NEXT: request+0x
 */
#include <stdio.h>

#include "kernel/workload.h"
#include "paravirt/ghcb.h"

/* More than the number behind the vector: one of them is ours. */
#define ROUNDS 1000

static __attribute__((noinline)) u64 request(void)
{
	struct ghcb_request r = ghcb_begin();
	u64 fault = 0;

	ghcb_set(r.ghcb, sw_exit_code, SVM_VMGEXIT_HV_FEATURES);
	ghcb_set(r.ghcb, sw_exit_info_1, 0);
	ghcb_set(r.ghcb, sw_exit_info_2, 0);
	__asm__ volatile("rep; vmmcall\n\t"
			 "1: nop\n\t"
			 "2:\n\t" EXTABLE("1b", "2b")
			 : "+a"(fault)
			 :
			 : "memory");
	ghcb_end(&r);
	return fault;
}

static int test(int argc, char **argv)
{
	unsigned int count = 0;
	u64 last = 0;

	(void)argc, (void)argv;
	for (int i = 0; i < ROUNDS; i++) {
		u64 fault = request();

		count += fault != 0;
		last = fault ? fault : last;
	}
	printf("%u fault: %#lx\n", count, last);
	return count != 1;
}

DEFINE_WORKLOAD("test", "a host that injects #GP", test);
