/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other processors: started once, they wait for work, run one function at a time, and then one
 * for ever.
 */
#pragma once

#include "abi/bits.h"
#include "lib/compiler.h"

#define AP_MAX 64

/*
 * Starts processors 1 to @cpu_count - 1, as many as answer in time; needs memory_init(). Returns
 * how many did.
 */
unsigned int ap_start_all(unsigned int cpu_count);
/* Runs @function(cpu) on each of them in turn, and waits for it. */
void ap_run_all(void (*function)(unsigned int cpu));
/* Each runs @function(cpu), which does not return; they do so at the same time. */
void ap_release_all(void (*function)(unsigned int cpu));

/*
 * Sends an interrupt through this processor's local APIC; @command as the ICR's low half. The high
 * half keeps what the guest has in it.
 */
void ap_send(u32 apic_id, u32 command);

/* The APIC id of the processor that asks. */
u32 ap_here(void);

/* From the trampoline. */
noreturn_t ap_main(void);
