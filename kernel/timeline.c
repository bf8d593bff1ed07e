/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of boot steps.
 */
#include "kernel/timeline.h"
#include "kernel/time.h"
#include "lib/cpu.h"
#include "lib/log.h"

#define STEPS_MAX 32

static struct timeline_step steps[STEPS_MAX];
static unsigned int step_count;

void timeline_mark(const char *name)
{
	if (step_count < STEPS_MAX)
		steps[step_count++] = (struct timeline_step){ name, rdtsc() };
}

const struct timeline_step *timeline_steps(unsigned int *count)
{
	*count = step_count;
	return steps;
}

u64 timeline_start(void)
{
	unsigned int i = 0;

	while (i + 1 < step_count && !steps[i].tsc)
		i++;
	return steps[i].tsc;
}

u64 timeline_ticks(unsigned int step)
{
	return steps[step - 1].tsc ? steps[step].tsc - steps[step - 1].tsc : 0;
}

void timeline_print(void)
{
	log_info("timeline: %u steps, TSC at %lu kHz", step_count, time_tsc_khz());
	for (unsigned int i = 1; i < step_count; i++) {
		u64 ticks = timeline_ticks(i);

		log_info("timeline: %-28s %10lu ticks %8lu us", steps[i].name, ticks,
			 time_tsc_to_ns(ticks) / 1000);
	}
}
