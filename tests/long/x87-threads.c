/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One processor restores x87 state again and again while the boot processor exits. By a thread for
 * each, QEMU's FLDENV writes over the first processor's flags of SVM (docs/limits.md): there this
 * ends within seconds, by a triple fault or a violation. Played by one thread nothing is lost.
 * REQUIRES: qemu-newer
 * RUN: %guest-cc %s -o %t
 * RUN: %run-guest --platform=sev-es --smp=2 --accel=tcg,thread=single %t | FileCheck %s
 * RUN: %run-guest --platform=snp --smp=2 --accel=tcg,thread=single %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --smp=2 --accel=tcg,thread=single %t | FileCheck %s
 * RUN: %run-guest --qemu=newest --platform=snp --smp=2 --accel=tcg,thread=single %t | FileCheck %s
 * CHECK: x87 restored: yes, wrong answers: 0
 */
#include <stdio.h>

#include "early/percpu.h"
#include "kernel/smp.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"

#define EXITS 60000
#define LEAF  0x80000008

static u8 environment[32]; /* what FNSTENV stores, 28 bytes */
static bool done;
static u64 restored, wrong;

static void restore(void)
{
	__asm__ volatile("fninit; fnstenv %0" : "=m"(environment));
	for (; !READ_ONCE(done); restored++)
		__asm__ volatile("fldenv %0" ::"m"(environment));
}

static void leave(void)
{
	for (int i = 0; i < EXITS; i++)
		wrong += !cpuid_raw(LEAF, 0).eax;
	WRITE_ONCE(done, true);
}

static void run(void *context)
{
	(void)context;
	if (cpu_index())
		restore();
	else
		leave();
}

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	smp_run(run, NULL);
	printf("x87 restored: %s, wrong answers: %lu\n", restored ? "yes" : "no", wrong);
	return 0;
}

DEFINE_WORKLOAD("test", "restores x87 state beside a processor that exits", test);
