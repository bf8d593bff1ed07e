/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the native test of kernel/smp.c, in place of the real one: the hooks that it calls, as plain
 * functions.
 */
#pragma once

#include "abi/kvm_para.h"
#include "lib/errno.h"
#include "paravirt/cpus.h"

int must_check pv_cpus_prepare(unsigned int first, unsigned int count,
			       const struct cpus_services *services);
int must_check pv_cpus_release(unsigned int first, unsigned int count,
			       const struct cpus_services *services);
int must_check pv_cpu_wake(unsigned int cpu);
int must_check pv_cpu_setup(void);
void pv_halt(void);
s64 kvm_hypercall1(u64 nr, u64 a);
