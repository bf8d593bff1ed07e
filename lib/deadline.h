/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a wait that polls, by the TSC; and where a host that intercepts RDTSC stops or slows
 * it, by the number of looks. A look is a PAUSE and what is looked at.
 */
#pragma once

#include "lib/cpu.h"

/* Fewer than a look takes on any processor: who counts looks is never earlier than the TSC. */
#define DEADLINE_TICKS_PER_LOOK 64
/* By then a TSC has gone on by more ticks than there were looks. */
#define DEADLINE_LOOKS_TRIED (1 << 14)

struct deadline {
	u64 begin, ticks, looks;
};

static inline struct deadline deadline_in(u64 ticks)
{
	return (struct deadline){ .begin = rdtsc(), .ticks = ticks };
}

/* Called once a look. */
static inline bool deadline_is_over(struct deadline *d)
{
	u64 gone = rdtsc() - d->begin;

	d->looks++;
	return gone >= d->ticks || d->looks >= d->ticks / DEADLINE_TICKS_PER_LOOK ||
	       (d->looks == DEADLINE_LOOKS_TRIED && gone < DEADLINE_LOOKS_TRIED);
}
