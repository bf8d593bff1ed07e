/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All processors at once: `smp [seconds]`. Each converts pages of its own, reads the time, and
 * allocates, and the boot processor converts a page that everybody reads, for as long as asked.
 * What is read must be what was written last, on every processor: one that kept an old translation
 * of the page would see the other alias.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "early/percpu.h"
#include "early/platform.h"
#include "kernel/shootdown.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "kernel/workload.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/deadline.h"
#include "lib/spinlock.h"
#include "mm/visibility.h"
#include "paravirt/pv_pages.h"

#define SECONDS_DEFAULT 1
#define SECONDS_MAX     600
#define OWN_PAGES       8
#define ROUNDS_MIN      3
#define ALLOC_SIZE      3000

/* What one processor did, and found. A cache line's worth apart from the next. */
struct __attribute__((aligned(64))) report {
	u64 rounds;
	u64 conversions;
	u64 wrong; /* words that were not what they had to be */
	u64 clock_steps_back;
	int error;
};

static struct {
	struct report reports[CPU_MAX];
	struct deadline deadline;
	u8 (*own)[OWN_PAGES][PAGE_SIZE]; /* of each processor */
	u64 *common;                     /* a page that all read */
	u64 common_value;                /* what it holds; 0: it is being converted */
	u64 clock;                       /* the latest time that anybody saw */
	u32 readers;                     /* of the common page, now */
	bool done;
} test;

static void fill_page(void *page, u64 value)
{
	u64 *words = page;

	for (size_t i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		WRITE_ONCE(words[i], value + i);
}

static u64 count_wrong(const void *page, u64 value)
{
	const u64 *words = page;
	u64 wrong = 0;

	for (size_t i = 0; i < PAGE_SIZE / sizeof(*words); i++)
		wrong += READ_ONCE(words[i]) != value + i;
	return wrong;
}

/* Both ways: content is nobody's after each. */
static int convert_own(struct report *r, bool private)
{
	u8(*pages)[PAGE_SIZE] = test.own[cpu_index()];
	u64 value = (u64)cpu_index() << 56 | r->rounds << 8 | private;
	int error = private ? set_memory_encrypted(va_of(pages), OWN_PAGES)
			    : set_memory_decrypted(va_of(pages), OWN_PAGES);

	if (error)
		return error;
	r->conversions++;
	for (unsigned int i = 0; i < OWN_PAGES; i++)
		fill_page(pages[i], value + i * PAGE_SIZE);
	for (unsigned int i = 0; i < OWN_PAGES; i++)
		r->wrong += count_wrong(pages[i], value + i * PAGE_SIZE);
	return 0;
}

/* A reader says that it is one, and looks again whether the page may be read. */
static void read_common(struct report *r)
{
	u64 value;

	__atomic_add_fetch(&test.readers, 1, __ATOMIC_SEQ_CST);
	value = __atomic_load_n(&test.common_value, __ATOMIC_SEQ_CST);
	if (value)
		r->wrong += count_wrong(test.common, value);
	__atomic_sub_fetch(&test.readers, 1, __ATOMIC_SEQ_CST);
}

/* The boot processor's: between two values nobody reads. */
static int convert_common(struct report *r)
{
	bool private = r->rounds & 1;
	int error;

	__atomic_store_n(&test.common_value, 0, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&test.readers, __ATOMIC_SEQ_CST))
		spin_poll();
	error = private ? set_memory_encrypted(va_of(test.common), 1)
			: set_memory_decrypted(va_of(test.common), 1);
	if (error)
		return error;
	r->conversions++;
	fill_page(test.common, (r->rounds + 1) << 16);
	__atomic_store_n(&test.common_value, (r->rounds + 1) << 16, __ATOMIC_SEQ_CST);
	return 0;
}

/* Never before what any processor saw already. */
static void read_clock(struct report *r)
{
	u64 latest = __atomic_load_n(&test.clock, __ATOMIC_SEQ_CST), now;

	if (kvmclock_read(&now))
		return;
	r->clock_steps_back += now < latest;
	while (latest < now && !__atomic_compare_exchange_n(&test.clock, &latest, now, false,
							    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

static void allocate(struct report *r)
{
	void *p = malloc(ALLOC_SIZE);

	r->wrong += !p;
	free(p);
}

static bool is_over(const struct report *r)
{
	if (r->rounds < ROUNDS_MIN || r->rounds & 1)
		return false;
	return cpu_index() ? __atomic_load_n(&test.done, __ATOMIC_ACQUIRE)
			   : deadline_is_over(&test.deadline);
}

/* An even number of rounds, so that all pages end as they began. */
static void run(void *context)
{
	struct report *r = &test.reports[cpu_index()];

	(void)context;
	for (; !r->error && !is_over(r); r->rounds++) {
		r->error = convert_own(r, r->rounds & 1);
		if (!r->error && !cpu_index())
			r->error = convert_common(r);
		read_common(r);
		read_clock(r);
		allocate(r);
	}
	if (!cpu_index())
		__atomic_store_n(&test.done, true, __ATOMIC_RELEASE);
}

static int prepare_run(u64 seconds)
{
	test.own = memalign(PAGE_SIZE, sizeof(*test.own) * smp_count());
	test.common = memalign(PAGE_SIZE, PAGE_SIZE);
	if (!test.own || !test.common)
		return 1;
	test.common_value = 1 << 16;
	fill_page(test.common, test.common_value);
	test.deadline = deadline_in(seconds * time_tsc_khz() * 1000);
	return 0;
}

static int print(void)
{
	int failed = 0;

	for (unsigned int cpu = 0; cpu < smp_count(); cpu++) {
		const struct report *r = &test.reports[cpu];

		printf("smp: processor %u: %llu conversions of %u pages, %llu wrong words, "
		       "%llu clock steps back, error %d\n",
		       cpu, (unsigned long long)r->conversions, cpu ? OWN_PAGES : OWN_PAGES + 1,
		       (unsigned long long)r->wrong, (unsigned long long)r->clock_steps_back,
		       -r->error);
		failed |= r->error || r->wrong || r->clock_steps_back || !r->conversions;
	}
	printf("smp: %u processors, %llu TLB shootdowns: %s\n", smp_count(),
	       (unsigned long long)shootdown_count(), failed ? "failed" : "ok");
	return failed;
}

static int smp(int argc, char **argv)
{
	char *end = NULL;
	u64 seconds = argc > 1 ? strtoull(argv[1], &end, 10) : SECONDS_DEFAULT;

	if (argc > 2 || (end && (*end || end == argv[1])) || seconds > SECONDS_MAX) {
		printf("usage: smp [seconds, at most %d]\n", SECONDS_MAX);
		return 1;
	}
	if (prepare_run(seconds)) {
		printf("smp: no memory for the pages\n");
		return 1;
	}
	smp_run(run, NULL);
	free(test.own);
	free(test.common);
	return print();
}

DEFINE_WORKLOAD("smp", "[seconds]: all processors convert, share and check memory at once", smp);
