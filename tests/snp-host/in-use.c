/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host with two processors, one of which runs a guest. What the exit will store to cannot be
 * given away meanwhile, by itself or as one of 2M; behind the exit it can: APM2 15.36.12.
 * RUN: %guest-cc %s -o %t -I %S/Inputs
 * RUN: env SMP=2 %S/Inputs/run %build %t | FileCheck %s
 * CHECK: processors: 2 of 2 run
 * CHECK: the VMCB is in use while its guest runs
 * CHECK-NEXT: and the host's to give away when it has left it
 * CHECK: QEMU's status 33
 */
#include "abi/svm.h"
#include "early/percpu.h"
#include "kernel/smp.h"
#include "lib/compiler.h"
#include "rmp.h"
#include "vm.h"

#define ASID       7
#define FAIL_INUSE 3

u32 vm_stop, vm_runs;

GUEST(code_spin, "movl $1, vm_runs(%rip)\n1: pause\ncmpl $0, vm_stop(%rip)\nje 1b\nvmmcall");

static bool left;
static int failed;

static void enable(void *context)
{
	(void)context;
	(void)wrmsr_safe(MSR_SYSCFG, rdmsr(MSR_SYSCFG) | SYSCFG_SNP_EN | SYSCFG_VMPL_EN);
}

static int host(void)
{
	MUST(!vm_new());
	vm_state(&vmcb->save, code_spin);
	MUST(vm_run() == SVM_EXIT_VMMCALL);
	WRITE_ONCE(left, true);
	return 0;
}

static int other(void)
{
	const struct rmp_state small = { 0x5000, 1, 0, 0, 0, ASID };
	struct rmp_state large = { 0, 1, 1, 0, 0, ASID };
	u64 page;

	while (!READ_ONCE(vm_runs))
		cpu_relax();
	page = (u64)vmcb;
	MUST(rmpupdate(page, small) == FAIL_INUSE);
	MUST(rmpupdate(page & ~(u64)(HUGE - 1), large) == FAIL_INUSE);
	printf("the VMCB is in use while its guest runs\n");
	WRITE_ONCE(vm_stop, 1);
	while (!READ_ONCE(left))
		cpu_relax();
	MUST(!rmpupdate(page, small) && !rmpupdate(page, (struct rmp_state){ 0 }));
	printf("and the host's to give away when it has left it\n");
	return 0;
}

static void both(void *context)
{
	(void)context;
	if (cpu_index() ? host() : other()) {
		WRITE_ONCE(failed, 1);
		WRITE_ONCE(vm_stop, 1);
	}
}

static int workload(int argc, char **argv)
{
	(void)argc, (void)argv;
	smp_run(enable, NULL);
	smp_run(both, NULL);
	return failed;
}

DEFINE_WORKLOAD("test", "has a guest's VMCB in use", workload);
