/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page for steal time that is shared only after it was registered is written all the same, as by
 * KVM: soon after the guest has run again, of an interrupt while it runs or while it halts.
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=snp %t | FileCheck %s
 * RUN: %run-guest --platform=snp %t -- test halt | FileCheck %s
 * CHECK: registered: 0, private: version 0
 * CHECK: shared: written
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "abi/kvm_para.h"
#include "kernel/apic.h"
#include "kernel/traps.h"
#include "kernel/workload.h"
#include "lib/addr.h"
#include "lib/cpu.h"
#include "lib/trap_frame.h"
#include "mm/visibility.h"
#include "paravirt/pv_ops.h"

#define TICKS_MAX 10000

static volatile unsigned int ticks;

static void tick(struct trap_frame *frame)
{
	(void)frame;
	ticks++;
	apic_eoi();
}

static void wait(bool halt)
{
	unsigned int before = ticks;

	sti();
	while (ticks == before) {
		if (halt)
			hlt();
		else
			cpu_relax();
	}
	cli();
}

static int test(int argc, char **argv)
{
	u8 *page = memset(memalign(PAGE_SIZE, PAGE_SIZE), 0, PAGE_SIZE);
	volatile struct kvm_steal_time *steal = (void *)page;
	int error =
		wrmsr_safe(MSR_KVM_STEAL_TIME, (u64)va_to_pa(va_of(page)).value | KVM_MSR_ENABLED);

	printf("registered: %d, private: version %u\n", error, steal->version);
	if (set_memory_decrypted(va_of(page), 1))
		return 1;
	memset(page, 0, PAGE_SIZE);
	irq_register(VEC_TIMER, tick);
	apic_timer_start(VEC_TIMER, 1000000, true);
	for (unsigned int i = 0; i < TICKS_MAX && !steal->version; i++)
		wait(argc > 1 && argv[1][0] == 'h');
	apic_timer_stop();
	printf("shared: %s\n", steal->version ? "written" : "never written");
	return pv_msr_write(MSR_KVM_STEAL_TIME, 0) || !steal->version;
}

DEFINE_WORKLOAD("test", "steal time of a page that is shared late", test);
