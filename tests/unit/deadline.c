/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A deadline is kept by a TSC that runs, and comes by looks with one that a host stops, slows, or
 * sets back.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>

#include "lib/cpu.h"

static u64 now;

#define rdtsc() now
#include "lib/deadline.h"

/* How many looks it takes, with @step ticks each. */
static u64 looks(u64 ticks, u64 step)
{
	struct deadline d = deadline_in(ticks);

	do
		now += step;
	while (!deadline_is_over(&d));
	return d.looks;
}

int main(void)
{
	assert(looks(1000000, 100) == 10000);
	assert(looks(1000000, 1000000) == 1);
	assert(looks(0, 0) == 1);
	assert(looks(U64_C(10000000000), 150) == 66666667); /* a look is never that short */

	assert(looks(U64_C(10000000000), 0) == DEADLINE_LOOKS_TRIED);
	assert(looks(U64_C(1000000000), 1) == U64_C(1000000000) / DEADLINE_TICKS_PER_LOOK);
	assert(looks(1000000, ~U64_C(0)) == 1); /* set back: it is over, and not for ever */
	return 0;
}
