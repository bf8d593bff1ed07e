/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No parked processor runs a site that is being patched: each site is an INT3 for a while, which
 * would end the guest, and meanwhile every other processor polls, and takes NMIs, whose end is a
 * hook on some platforms.
 * RUN: %guest-cc %s -o %t --replace=mm/poke.c=%S/Inputs/slow-poke.c
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=3 %t | FileCheck %s
 * RUN: %run-guest --platform=sev-es --boot=direct --smp=3 %t | FileCheck %s
 * RUN: %run-guest --platform=snp --boot=direct --smp=3 %t | FileCheck %s
 * RUN: %run-guest --platform=tdx --boot=direct --smp=3 %t | FileCheck %s
 * And where every hypercall site is patched a second time, since a processor's set-up failed.
 * RUN: %run-guest --platform=kvm --mode=emulate --smp=3 \
 * RUN:   --monitor-option=inject=cpu-setup-fail:2 %t | FileCheck %s
 * CHECK: sites: many; processor 1 took NMIs; processor 2 took NMIs
 */
#include <stdio.h>

#include "Inputs/slow-poke.h"
#include "kernel/smp.h"
#include "kernel/workload.h"

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	printf("sites: %s", slow_poke_sites > 20 ? "many" : "few");
	for (unsigned int cpu = 1; cpu < smp_count(); cpu++)
		printf("; processor %u took %s", cpu, slow_poke_nmis(cpu) > 3 ? "NMIs" : "no NMIs");
	printf("\n");
	return 0;
}

DEFINE_WORKLOAD("test", "sites and parked processors", test);
