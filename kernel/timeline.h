/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When each step of the boot was done, in ticks of the TSC. timeline_mark() works from the first C
 * line on.
 */
#pragma once

#include "abi/bits.h"

struct timeline_step {
	const char *name;
	u64 tsc;
};

/* @name must live for ever. Past the table's size steps are dropped. */
void timeline_mark(const char *name);
/* The steps so far. */
const struct timeline_step *timeline_steps(unsigned int *count);
/*
 * The first step with a time: where the host intercepts RDTSC, an SEV-ES guest's first steps have
 * none, and a TSC of 0.
 */
u64 timeline_start(void);
/* Ticks that @step, from 1 on, took; 0 where they are not known. */
u64 timeline_ticks(unsigned int step);
/* As lines on the console, with the time since the step before. */
void timeline_print(void);
