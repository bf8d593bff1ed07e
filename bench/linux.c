/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first and only process of a Linux that bench/report starts: what an instruction that ends in the kernel's #VC or
 * #VE handler costs in user space, bracketed by two RDTSC as our own guest's bench has it. Prints the median of each,
 * less that of an empty bracket, and powers off.
 */
#include <cpuid.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <unistd.h>
#include <x86intrin.h>

#define ROUNDS 101

static uint32_t leaf;
static volatile uint32_t sink;
static uint64_t empty;

static void nothing(void) {}

static void cpuid(void)
{
	uint32_t a, b, c, d;

	__cpuid_count(leaf, 0, a, b, c, d);
	sink = a + b + c + d; /* else the compiler leaves it out */
}

static int compare(const void *one, const void *other)
{
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return (a > b) - (a < b);
}

static uint64_t median(void (*path)(void))
{
	uint64_t took[ROUNDS];

	for (int i = -3; i < ROUNDS; i++) { /* warm at first */
		uint64_t start = __rdtsc();

		path();
		took[i < 0 ? 0 : i] = __rdtsc() - start;
	}
	qsort(took, ROUNDS, sizeof(took[0]), compare);
	return took[ROUNDS / 2];
}

static void show(const char *name, void (*path)(void))
{
	printf("linux-bench: %s %llu\n", name, (unsigned long long)(median(path) - empty));
}

int main(void)
{
	empty = median(nothing);
	show("cpuid-0", cpuid);
	leaf = 1;
	show("cpuid-1", cpuid);
	leaf = 0x40000000;
	show("cpuid-40000000", cpuid);
	printf("linux-bench: done\n");
	fflush(stdout);
	return reboot(RB_POWER_OFF);
}
