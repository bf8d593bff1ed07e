/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other processors: started once, they wait for work, and run one function at a time.
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
/* Halts them for ever. */
void ap_park_all(void);

/* Sends an interrupt through this processor's local APIC; @command as the ICR's low half. */
void ap_send(u32 apic_id, u32 command);

/* From the trampoline. */
noreturn_t ap_main(void);
