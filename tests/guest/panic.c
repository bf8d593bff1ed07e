/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fault that nobody expects prints registers, the faulting address and a backtrace with names,
 * and ends with status 5; so does one stack too deep, on the stack of #DF. Where the host does not
 * see the state, it does not read it on the console either: addresses of our code are all that is
 * printed, unless the image itself, which is measured, says otherwise.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --status=5 --platform=plain %t -- test null | \
 * RUN:   FileCheck %s --check-prefixes=CHECK,NULL
 * RUN: %run-guest --status=5 --platform=sev %t -- test null | \
 * RUN:   FileCheck %s --check-prefixes=CHECK,NULL
 * RUN: %run-guest --status=5 --platform=plain %t -- test undefined | \
 * RUN:   FileCheck %s --check-prefixes=CHECK,UD
 * RUN: %run-guest --status=5 --platform=plain %t -- test execute | \
 * RUN:   FileCheck %s --check-prefixes=CHECK,NX
 * RUN: %run-guest --status=5 --platform=plain %t -- test overflow | \
 * RUN:   FileCheck %s --check-prefixes=CHECK,DF
 * RUN: %run-guest --status=5 --platform=plain %t -- test data | \
 * RUN:   FileCheck %s --check-prefixes=CHECK,DATA
 * RUN: %run-guest --status=5 --platform=plain %t -- test ve | FileCheck %s --check-prefix=VE
 * RUN: %run-guest --status=5 --platform=plain %t -- test abort | FileCheck %s --check-prefix=ABORT
 * RUN: %run-guest --status=5 --platform=plain %t -- test raise | FileCheck %s --check-prefix=RAISE
 * VE: postern: panic: #VE 0x0 on a platform that has none
 * ABORT: postern: panic: workload: abort
 * RAISE: postern: panic: workload: raised a signal
 * RUN: %run-guest --status=5 --platform=plain --smp=4 %t -- test all | \
 * RUN:   FileCheck %s --check-prefix=ALL
 *
 * RUN: %run-guest --status=5 --platform=sev-es %t -- test null | \
 * RUN:   FileCheck %s --check-prefix=HIDDEN -DNAME="#PF (vector 14)" -DIN=write_to
 * RUN: %run-guest --status=5 --platform=snp --smp=4 %t -- test null | \
 * RUN:   FileCheck %s --check-prefix=HIDDEN -DNAME="#PF (vector 14)" -DIN=write_to
 * RUN: %run-guest --status=5 --platform=tdx %t -- test null | \
 * RUN:   FileCheck %s --check-prefix=HIDDEN -DNAME="#PF (vector 14)" -DIN=write_to
 * RUN: %run-guest --status=5 --platform=snp %t -- test undefined | \
 * RUN:   FileCheck %s --check-prefix=HIDDEN -DNAME="#UD (vector 6)" -DIN=test
 * RUN: %run-guest --status=5 --platform=snp %t -- test overflow | \
 * RUN:   FileCheck %s --check-prefix=HIDDEN -DNAME="#DF (vector 8)" -DIN=deep
 * RUN: %run-guest --status=5 --platform=snp %t -- test overreach | \
 * RUN:   FileCheck %s --check-prefix=HIDDEN -DNAME="#DF (vector 8)" -DIN=overreach
 * HIDDEN: postern: panic: [[NAME]] at 0x[[#%x,RIP:]]{{$}}
 * HIDDEN-NEXT: postern: backtrace:
 * HIDDEN-NEXT: postern:   0x[[#RIP]] [[IN]]+0x
 * HIDDEN-NOT: abcd
 * HIDDEN-NOT: rsp
 *
 * Neither is an address that is none of our code:
 * RUN: %run-guest --status=5 --platform=snp %t -- test data | \
 * RUN:   FileCheck %s --check-prefix=NOWHERE
 * NOWHERE: postern: panic: #PF (vector 14){{$}}
 * NOWHERE-NEXT: postern: backtrace:
 * NOWHERE-NEXT: postern:   no code of ours
 * NOWHERE-NOT: postern:
 * NOWHERE: exit status 5
 *
 * RUN: %guest-cc %s -o %t.shows -DSHOW_STATE=1 --replace=early/fatal_state.c=early/fatal_state.c
 * RUN: %run-guest --status=5 --platform=snp %t.shows -- test null | \
 * RUN:   FileCheck %s --check-prefixes=CHECK,NULL
 *
 * Of processors that panic at once, one says all that it has to say:
 * ALL: postern: panic: all at once
 * ALL-NEXT: postern: backtrace:
 * ALL-NEXT: panic_here+0x
 * ALL: {{(ap_main|early_start)}}+0x
 * ALL-NOT: panic:
 *
 * CHECK: postern: rax {{[0-9a-f]+}} rbx {{[0-9a-f]+}} rcx {{[0-9a-f]+}}
 * NULL-SAME: rdx 000000000000abcd
 * CHECK-NEXT: postern: rsi
 * CHECK-NEXT: postern: r8
 * CHECK-NEXT: postern: r12
 * CHECK-NEXT: postern: rip
 * CHECK-NEXT: postern: cr0 {{[0-9a-f]+}} cr2 {{[0-9a-f]+}} cr3
 * NULL-NEXT: postern: panic: #PF at 0x[[#%x,RIP:]], address 0x18, error code 0x2
 * NULL-NEXT: postern: backtrace:
 * NULL-NEXT: postern:   0x[[#RIP]] write_to+0x
 * NULL-NEXT: middle+0x
 * NULL-NEXT: test+0x
 * NULL-NEXT: workload_run+0x
 * NULL-NEXT: kernel_main+0x
 * NULL-NEXT: early_start+0x
 * UD-NEXT: postern: panic: #UD (vector 6) at 0x{{[0-9a-f]+}}, error code 0
 * UD: test+0x
 * NX-NEXT: postern: panic: #PF at 0x[[AT:[0-9a-f]+]], address 0x[[AT]], error code 0x11
 * DF-NEXT: postern: panic: #DF (vector 8)
 * DF-NEXT: postern: backtrace:
 * DF-NEXT: {{deep|overreach}}+0x
 * DATA-NEXT: postern: panic: #PF at 0x[[AT:[0-9a-f]+]], address 0x[[AT]], error code 0x11
 * DATA-NEXT: postern: backtrace:
 * DATA-NEXT: postern:   0x[[AT]]{{$}}
 * CHECK: exit status 5
 * CHECK-NOT: exit status
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "lib/panic.h"

#define NOINLINE __attribute__((noinline))

static NOINLINE void write_to(volatile char *p)
{
	__asm__ volatile("movb $1, %0" : "=m"(*p) : "d"(0xabcdUL));
}

static NOINLINE int middle(volatile char *p)
{
	write_to(p);
	barrier();
	return 1;
}

static NOINLINE int deep(volatile char *before)
{
	volatile char here[256];

	here[0] = before[0];
	return here[0] ? 0 : deep(here) + here[0];
}

/* As large as the guard and more, and used at its low end only. */
static NOINLINE int overreach(volatile char *before)
{
	volatile char here[3 * PAGE_SIZE];

	here[0] = before[0];
	return here[0] ? 0 : overreach(here) + here[0];
}

static NOINLINE void panic_here(void *context)
{
	static u32 ready;

	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) < smp_count())
		cpu_relax();
	panic("all at once%s", (const char *)context);
}

static int test(int argc, char **argv)
{
	static char data[1] = { (char)0xc3 }; /* RET */
	static char before_data[64] = { (char)0xc3 };
	volatile char start[1] = { 0 };
	int result = argc;

	if (!strcmp(argv[1], "null"))
		result = middle((volatile char *)0x18);
	if (!strcmp(argv[1], "undefined"))
		__asm__ volatile("ud2");
	if (!strcmp(argv[1], "ve"))
		__asm__ volatile("int $20");
	if (!strcmp(argv[1], "abort"))
		abort();
	if (!strcmp(argv[1], "raise"))
		raise(SIGTERM);
	if (!strcmp(argv[1], "execute"))
		((void (*)(void))(uintptr_t)data)();
	if (!strcmp(argv[1], "overflow"))
		result = deep(start);
	if (!strcmp(argv[1], "overreach"))
		result = overreach(start);
	if (!strcmp(argv[1], "data"))
		((void (*)(void))(uintptr_t)before_data)();
	if (!strcmp(argv[1], "all"))
		smp_run(panic_here, "");
	barrier();
	return result;
}

DEFINE_WORKLOAD("test", "faults as it is told", test);
