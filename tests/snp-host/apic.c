/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host with two processors. An INIT beside the registers, where QEMU's local APIC takes it for a
 * command or a device's message, stops none of the monitor's processors.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: env SMP=2 %S/Inputs/run %build %t | FileCheck %s
 * CHECK: processors: 2 of 2 run
 * CHECK: both run on
 * CHECK: QEMU's status 33
 */
#include <stdio.h>

#include "early/percpu.h"
#include "kernel/apic.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "paravirt/pv_ops.h"

#define INIT 0x4500

static u32 ran;

static void apic_write(u64 offset, u32 value)
{
	pv_mmio_write(pa(APIC_BASE_DEFAULT + offset), 4, value);
}

static void run(void *context)
{
	(void)context;
	__atomic_or_fetch(&ran, 1u << cpu_index(), __ATOMIC_SEQ_CST);
}

static int workload(int argc, char **argv)
{
	(void)argc, (void)argv;
	apic_write(APIC_ICR_HIGH, 1 << 24);
	apic_write(APIC_ICR_LOW + 4, INIT);
	apic_write(0, INIT);
	smp_run(run, NULL);
	if (ran == 3)
		printf("both run on\n");
	return ran != 3;
}

DEFINE_WORKLOAD("test", "writes beside the APIC's registers", workload);
