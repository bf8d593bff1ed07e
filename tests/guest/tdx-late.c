/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD's processor that enters when nobody waits for it halts, where it has no stack and no handler
 * for #VE. Here the host is late with one, which finds no command at the mailbox; then it gets one.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=tdx --boot=direct --smp=3 --trace %t.trace \
 * RUN:   --monitor-option=inject=cpu-start-late:1 %t | FileCheck %s
 * RUN: FileCheck %s --check-prefix=TRACE --input-file=%t.trace
 *
 * CHECK: processor 1, APIC id 1, does not start: it did not come
 * CHECK: processors: 2 of 3 run
 * CHECK: called: 0
 * CHECK-NEXT: halted: 2 run
 * CHECK: exit status 0
 * TRACE: cpu1 tdvmcall function=0xc a0=0x1
 * TRACE-NOT: cpu1
 */
#include <stdio.h>

#include "abi/acpi.h"
#include "early/ap_entry.h"
#include "early/boot_cpus.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "lib/spinlock.h"

#define LATE  1
#define TICKS U64_C(20000000000) /* of the TSC: longer than it is late */
#define POLLS 1000000

static u32 run;

static void count(void *context)
{
	(void)context;
	__atomic_add_fetch(&run, 1, __ATOMIC_SEQ_CST);
}

static int test(int argc, char **argv)
{
	u64 begin = rdtsc();
	struct acpi_mailbox *mailbox = pa_ptr(pa(boot_cpus.mailbox));

	(void)argc, (void)argv;
	WRITE_ONCE(mailbox->apic_id, LATE);
	WRITE_ONCE(mailbox->vector, (u64)(uintptr_t)ap_entry64);
	WRITE_ONCE(mailbox->command, MAILBOX_COMMAND_WAKEUP);
	while (READ_ONCE(mailbox->command) && rdtsc() - begin < TICKS)
		spin_poll();
	printf("called: %u\n", READ_ONCE(mailbox->command));
	for (int i = 0; i < POLLS; i++)
		spin_poll();
	smp_run(count, NULL);
	printf("halted: %u run\n", run);
	return 0;
}

DEFINE_WORKLOAD("test", "a processor that comes too late", test);
