/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of the benchmark: warm-up, samples, order statistics, one line and one result a row.
 */
#include "kernel/workloads/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "early/platform.h"
#include "kernel/cmdline.h"
#include "kernel/results.h"
#include "kernel/workload.h"
#include "lib/cpu.h"
#include "lib/errno.h"
#include "lib/irq.h"
#include "paravirt/pv_ops.h"

#define ROUNDS_DEFAULT 1000
#define ROUNDS_MAX     1000000
#define ROUNDS_MIN     3
#define WARM_UP_ROUNDS 3
#define EMPTY_ROUNDS   100

static const char *unit(void) { return cmdline_get("icount") ? "instructions" : "cycles"; }

struct bench_result {
	u64 n, min, p50, p99, max;
};

static bool has_hypercalls(void) { return kvm_hypercall0(KVM_HC_VAPIC_POLL_IRQ) == 0; }

static bool is_td(void) { return cc_has(CC_PAGE_STATES) && !cc_has(CC_GHCB); }

/* Intel's instruction: never in encrypted text, which no host can patch, whatever it says. */
static bool has_vmcall(void)
{
	return !cc_has(CC_MEM_ENCRYPT) && !strcmp(platform.vendor, "GenuineIntel");
}

static bool has_books(void)
{
	u64 features = BIT(KVM_FEATURE_MIGRATION_CONTROL) | BIT(KVM_FEATURE_HC_MAP_GPA_RANGE);

	return cc_has(CC_MEM_ENCRYPT) && !cc_has(CC_PAGE_STATES) &&
	       (platform.kvm_features & features) == features;
}

/* Whether this platform has the row's path. */
static bool has_row(const struct bench_row *row)
{
	switch (row->needs) {
	case BENCH_KVM: return has_hypercalls();
	case BENCH_KVM_VMMCALL: return has_hypercalls() && !has_vmcall() && !is_td();
	case BENCH_KVM_VMCALL: return has_hypercalls() && has_vmcall();
	case BENCH_GHCB: return cc_has(CC_GHCB);
	case BENCH_RMP: return cc_has(CC_PAGE_STATES) && cc_has(CC_GHCB);
	case BENCH_TD: return is_td();
	case BENCH_BOOKS: return has_books();
	default: return true;
	}
}

static const char *form_of(const struct bench_row *row)
{
	if (row->form)
		return row->form;
	return cc_has(CC_STATE_ENCRYPTED) ? "exception" : "raw";
}

static u64 take_sample(u64 (*sample)(void))
{
	u64 flags = irq_save();
	u64 ticks = sample();

	irq_restore(flags);
	return ticks;
}

/* The least that an empty bracket took: what every sample contains besides its subject. */
static u64 empty_cost(void)
{
	u64 least = ~U64_C(0);

	for (int i = 0; i < EMPTY_ROUNDS; i++) {
		u64 ticks = take_sample(bench_empty_sample);

		if (ticks < least)
			least = ticks;
	}
	return least;
}

static int compare_samples(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

/* Nearest rank: the smallest sample that @percent of all do not exceed. */
static u64 percentile(const u64 *sorted, u64 n, unsigned int percent)
{
	return sorted[(n * percent + 99) / 100 - 1];
}

/*
 * Runs @row for @rounds passes after a warm-up; the bracket's cost is taken off. 0, -E_NOMEM, or
 * -E_NOSYS: the host gives it no more.
 */
static int measure(const struct bench_row *row, unsigned int rounds, struct bench_result *result)
{
	u64 empty = empty_cost();
	u64 *samples;

	rounds /= row->weight;
	if (rounds < ROUNDS_MIN)
		rounds = ROUNDS_MIN;
	samples = malloc(rounds * sizeof(*samples));
	if (!samples)
		return -E_NOMEM;
	for (unsigned int i = 0; i < WARM_UP_ROUNDS; i++)
		take_sample(row->sample);
	for (unsigned int i = 0; i < rounds; i++) {
		u64 ticks = take_sample(row->sample);

		if (ticks >= BENCH_NO_MEMORY) {
			free(samples);
			return ticks == BENCH_CANNOT ? -E_NOSYS : -E_NOMEM;
		}
		samples[i] = ticks > empty ? ticks - empty : 0;
	}
	qsort(samples, rounds, sizeof(*samples), compare_samples);
	*result = (struct bench_result){
		.n = rounds,
		.min = samples[0],
		.p50 = percentile(samples, rounds, 50),
		.p99 = percentile(samples, rounds, 99),
		.max = samples[rounds - 1],
	};
	free(samples);
	return 0;
}

static int run_row(const struct bench_row *row, unsigned int rounds)
{
	struct bench_result r;
	int error = bench_rows_init();

	if (!error && take_sample(row->sample) == BENCH_CANNOT)
		error = -E_NOSYS;
	if (!error)
		error = measure(row, rounds, &r);
	if (error == -E_NOSYS) {
		printf("bench: %s left out: this host does not give it\n", row->path);
		return 0;
	}
	if (error) {
		printf("bench: no memory for %s, %u samples\n", row->path, rounds);
		return error;
	}
	printf("%-28s %-10s %8lu %10lu %10lu %10lu %10lu\n", row->path, form_of(row), r.n, r.min,
	       r.p50, r.p99, r.max);
	results_bench(&(struct results_bench){
		.path = row->path,
		.form = form_of(row),
		.unit = unit(),
		.n = r.n,
		.min = r.min,
		.p50 = r.p50,
		.p99 = r.p99,
		.max = r.max,
	});
	return 0;
}

static void print_head(void)
{
	printf("bench: platform %s, %s%s\n", platform.name, unit(),
	       platform.emulated ? "; emulated: compare rows of one run, not with hardware" : "");
	printf("%-28s %-10s %8s %10s %10s %10s %10s\n", "path", "form", "n", "min", "p50", "p99",
	       "max");
}

static int run_rows(unsigned int rounds)
{
	print_head();
	for (unsigned int i = 0; i < bench_row_count; i++) {
		if (has_row(&bench_rows[i]) && run_row(&bench_rows[i], rounds))
			return 1;
	}
	return 0;
}

int bench_summary(void) { return run_rows(20); }

static int bench_main(int argc, char **argv)
{
	unsigned long rounds = ROUNDS_DEFAULT;

	if (argc > 2) {
		printf("usage: bench [rounds]\n");
		return 1;
	}
	if (argc == 2) {
		char *end;

		rounds = strtoul(argv[1], &end, 10);
		if (*end || end == argv[1] || rounds < ROUNDS_MIN || rounds > ROUNDS_MAX) {
			printf("bench: rounds: must be a number from %d to %d\n", ROUNDS_MIN,
			       ROUNDS_MAX);
			return 1;
		}
	}
	return run_rows(rounds);
}

DEFINE_WORKLOAD("bench", "what every way to reach the host costs [rounds]", bench_main);
