/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What there is to see after a boot: where we are, how long each step took, what the host can see
 * and why, what was patched, that the C library works, and what reaching the host costs.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "early/boot_info.h"
#include "early/memory_map.h"
#include "early/platform.h"
#include "kernel/time.h"
#include "kernel/timeline.h"
#include "kernel/workload.h"
#include "kernel/workloads/bench.h"
#include "lib/format.h"
#include "paravirt/pv_pages.h"
#include "paravirt/pv_ops.h"

#pragma weak bench_summary /* a test guest may leave the bench out */

#define SIEVE_SIZE 100000

static double us(u64 ticks) { return (double)time_tsc_to_ns(ticks) / 1000.0; }

static void show_platform(void)
{
	char vendor[64], hypervisor[64];

	printf("\nPlatform\n");
	printf("  kind        %s%s\n", platform.name,
	       platform.emulated ? " (emulated by postern-monitor)" : "");
	printf("  processor   %s, %u address bits\n",
	       quote(vendor, sizeof(vendor), platform.vendor), platform.address_width);
	printf("  hypervisor  %s\n",
	       platform.hypervisor[0] ? quote(hypervisor, sizeof(hypervisor), platform.hypervisor)
				      : "none");
	printf("  loader      %s\n", boot_info.loader);
	if (platform.private_mask)
		printf("  C-bit       %#lx\n", platform.private_mask);
	if (platform.shared_mask)
		printf("  shared bit  %#lx\n", platform.shared_mask);
}

static void show_timeline(void)
{
	unsigned int count;
	const struct timeline_step *steps = timeline_steps(&count);
	u64 all;

	printf("\nBoot, TSC at %.1f MHz\n", (double)time_tsc_khz() / 1000.0);
	for (unsigned int i = 1; i < count; i++)
		printf("  %-28s %10lu ticks %10.1f us\n", steps[i].name, timeline_ticks(i),
		       us(timeline_ticks(i)));
	all = steps[count - 1].tsc - timeline_start();
	printf("  %-28s %10lu ticks %10.1f us\n", "in all", all, us(all));
}

static void show_shared_pages(void)
{
	struct memory_claim claim;
	bool any = false;

	printf("\nPages that the host can see\n");
	for (u64 from = 0; memory_map_next_claim(from, &claim); from = claim.end) {
		u64 pages = (claim.end - claim.start) / PAGE_SIZE;

		if (!claim.shared)
			continue;
		any = true;
		printf("  %#10lx  %lu page%s  %s\n", claim.start, pages, pages == 1 ? " " : "s",
		       claim.user);
	}
	if (!any)
		printf("  %s\n",
		       cc_has(CC_PRIVATE_MEMORY) ? "none" : "all: no memory is private here");
}

static void show_patching(void)
{
	printf("\nAlternatives\n");
	printf("  early pass  %u sites: %u calls, %u inlined, %u nops\n",
	       pv_patch_early_counts.sites, pv_patch_early_counts.calls,
	       pv_patch_early_counts.inlined, pv_patch_early_counts.nops);
	printf("  full pass   %u sites: %u calls, %u inlined, %u nops\n", pv_patch_counts.sites,
	       pv_patch_counts.calls, pv_patch_counts.inlined, pv_patch_counts.nops);
}

static int descending(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x < y) - (x > y);
}

/* The number of primes below SIEVE_SIZE, the largest first in @primes. */
static int find_primes(int *primes)
{
	char *composite = calloc(SIEVE_SIZE, 1);
	int count = 0;

	if (!composite)
		return 0;
	for (int i = 2; i < SIEVE_SIZE; i++) {
		if (composite[i])
			continue;
		primes[count++] = i;
		for (int j = 2 * i; j < SIEVE_SIZE; j += i)
			composite[j] = 1;
	}
	free(composite);
	qsort(primes, (size_t)count, sizeof(*primes), descending);
	return count;
}

/* Of two numbers taken at random, 6 / pi^2 have no common divisor: Euler's product, over primes. */
static int compute_something(void)
{
	int *primes = malloc(SIEVE_SIZE * sizeof(*primes));
	int count = primes ? find_primes(primes) : 0;
	double product = 1.0, pi;

	for (int i = 0; i < count; i++)
		product *= 1.0 - 1.0 / ((double)primes[i] * primes[i]);
	pi = sqrt(6.0 / product);
	printf("\nThe C library\n  %d primes below %d, the largest %d, give pi as %.6f\n", count,
	       SIEVE_SIZE, count ? primes[0] : 0, pi);
	free(primes);
	return count == 9592 && fabs(pi - 3.141593) < 0.00001 ? 0 : -1;
}

static int demo(int argc, char **argv)
{
	(void)argc, (void)argv;
	show_platform();
	show_timeline();
	show_shared_pages();
	show_patching();
	if (pv_pages_check() || compute_something())
		return 1;
	return bench_summary ? bench_summary() : 0;
}

DEFINE_WORKLOAD("demo", "shows the platform, the boot, shared pages, patching and costs", demo);
