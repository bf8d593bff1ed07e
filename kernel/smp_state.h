/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What smp.c and smp_start.c know of each processor.
 */
#pragma once

#include "early/percpu.h"
#include "lib/compiler.h"
#include "lib/spinlock.h"
#include "paravirt/cpus.h"

enum cpu_phase {
	CPU_ABSENT,
	CPU_GIVEN_UP, /* on its way for too long; or not who was called */
	CPU_FAILED,   /* its set-up did */
	CPU_PARKED,   /* set up: it polls for work */
	CPU_STILL,    /* text changes: it polls for TLB flushes, and no more */
	CPU_RUNNING,
};

struct cpu_state {
	enum cpu_phase phase;
	int error;
	void (*function)(void *context); /* work; NULL: none */
	void *context;
	u32 wakes;      /* interrupts that asked it to be awake */
	u32 asked;      /* bits of those that wait for a sign of life of it */
	bool is_adrift; /* CPU_GIVEN_UP since it does not answer, and not by its own word */
};

extern struct cpu_state smp_cpus[CPU_MAX];
/* Those that take part. */
extern unsigned int smp_cpu_count;
extern struct cpus_services smp_shared;
/* Looks of the boot processor's at one that is to come: those that are parked see that it runs. */
extern u32 smp_boot_looks;
static inline void smp_boot_look(void) { WRITE_ONCE(smp_boot_looks, smp_boot_looks + 1); }

enum cpu_phase smp_phase(unsigned int cpu);
/* This processor runs, whatever it is at. */
static inline void smp_show_life(void)
{
	u32 *asked = &smp_cpus[cpu_index()].asked;

	if (READ_ONCE(*asked))
		__atomic_store_n(asked, 0, __ATOMIC_RELAXED);
}
/* For spin_set_wait(). */
void smp_wait_for_others(struct spin_wait *wait, u64 stage);
/* How its start ended. Who comes first says it: the processor itself, or who waits for it. */
bool smp_end_start(unsigned int cpu, enum cpu_phase phase);
