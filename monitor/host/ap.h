/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other processors: started once, they wait for work, and run one function at a time.
 */
#pragma once

#include "abi/bits.h"

#define AP_MAX 64

/* Starts processors 1 to @cpu_count - 1; returns how many answered. */
unsigned int ap_start_all(unsigned int cpu_count);
/* Runs @function(cpu) on each of them in turn, and waits for it. */
void ap_run_all(void (*function)(unsigned int cpu));
