/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints how many thousands of ticks this machine's TSC makes in a second, which QEMU's emulation
 * passes on. Called by tools/kvm-machine: a Linux that has to wait for its turn while it measures
 * gets it wrong by factors. Here too somebody may have the processor in between, so each
 * reading is the one with the least between its two TSCs.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define TRIES      100
#define APART_NS   20000000
#define NS_PER_SEC 1000000000

struct reading {
	uint64_t tsc;
	uint64_t ns;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

static struct reading read_both(void)
{
	struct reading best = { 0, 0 };
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		uint64_t before = __rdtsc(), ns = now_ns(), after = __rdtsc();

		if (after - before < least) {
			least = after - before;
			best = (struct reading){ before + least / 2, ns };
		}
	}
	return best;
}

int main(void)
{
	const struct timespec apart = { .tv_nsec = APART_NS };
	struct reading first = read_both(), last;

	nanosleep(&apart, NULL);
	last = read_both();
	printf("%.0f\n", (double)(last.tsc - first.tsc) * 1e6 / (double)(last.ns - first.ns));
	return 0;
}
