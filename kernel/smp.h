/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All processors: started one after the other, set up by the platform's hooks, parked until text
 * no longer changes, then at work or asleep. Which there are is said once, by smp_start().
 */
#pragma once

#include "abi/bits.h"
#include "paravirt/cpus.h"

#define VEC_WAKE 0xf1 /* an interrupt between processors */

/*
 * Starts what boot_cpus names. A processor that does not answer is left out, with a sentence; one
 * that breaks the protocol ends the guest. Those that run are parked: interrupts off, but for work.
 */
struct cpus_outcome smp_start(void);
/* For what paravirt/ does on every processor, or to the pages of all. */
const struct cpus_services *smp_services(void);
/* All of them stand still, exceptions included: from here on text may change. */
void smp_hold(void);
/* Text is final: they may run anything. */
void smp_release(void);

/* Processors that take part: numbers 0 to smp_count() - 1. */
unsigned int smp_count(void);

/*
 * Runs @function(@context) on every processor at once, on this one too, and returns when all are
 * done. From the boot processor only, with interrupts on. On the others there is no C library but
 * what has no state; malloc() and free() are safe.
 */
void smp_run(void (*function)(void *context), void *context);

/* Before the end: no page stays shared with the host, or known to it, but for the way to it. */
void smp_shut_down(void);
