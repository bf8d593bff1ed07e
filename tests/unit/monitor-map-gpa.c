/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an SEV guest tells of its memory is taken piece by piece, whatever it tells and however much
 * it is: nobody waits longer for the lock than for one. What is out of memory changes nothing.
 * RUN: %unit-cc %s %root/monitor/hardware/page_state.c %root/monitor/hardware/sev_pages.c -o %t
 */
#include <assert.h>
#include <stdlib.h>

#include "../../monitor/host/map_gpa.c"

#define PIECES 3
#define COUNT  (PIECES * PSC_PAGES_MAX - 5)

struct hardware hardware;
static struct vcpu_host host_of_cpu;
static struct npt npt;
static struct vcpu cpu = { .host = &host_of_cpu, .npt = &npt };
static u64 unmapped, shared; /* pages */

bool liar_maps_nothing(void) { return false; }

noreturn_t stop_violation(struct vcpu *v, enum violation violation, const char *fmt, ...)
{
	(void)v, (void)violation, (void)fmt;
	abort();
}

bool rmp_can_change(const struct rmp *rmp, u64 gpa, u64 page_count)
{
	(void)rmp, (void)gpa, (void)page_count;
	abort();
}

struct psc_result psc_map_range(struct rmp *rmp, u64 gpa, u64 page_count, bool private,
				psc_changed_t changed_one, void *context)
{
	(void)rmp, (void)gpa, (void)page_count, (void)private, (void)changed_one, (void)context;
	abort();
}

void npt_unmap(struct npt *n, u64 gpa, u64 size)
{
	(void)n, (void)gpa;
	unmapped += size / PAGE_SIZE;
}

void page_changes_add(struct page_changes *changes, u64 gpa, u64 size, bool private)
{
	(void)changes, (void)gpa;
	assert(!private);
	shared += size / PAGE_SIZE;
}

void page_changes_end(struct page_changes *changes) { (void)changes; }

static u64 told(void)
{
	u64 count = 0;

	for (u64 i = 0; i < COUNT; i++)
		count += !!(sev_pages_flags(&hardware.sev, i * PAGE_SIZE) & SEV_PAGE_TOLD);
	return count;
}

/* How many pieces it takes. */
static unsigned int run(bool private)
{
	unsigned int pieces = 0;
	u64 before = told(), now;

	assert(!map_gpa(&cpu, 0, COUNT, private) && cpu.rest);
	for (; cpu.rest; pieces++, before = now) {
		cpu.rest(&cpu);
		now = told();
		assert(llabs((s64)(now - before)) <= PSC_PAGES_MAX);
	}
	return pieces;
}

int main(void)
{
	u32 *words = calloc(COUNT + PTE_COUNT, sizeof(*words));

	sev_pages_init(&hardware.sev, words, COUNT);
	hardware.strict_map_gpa = true;
	assert(map_gpa(&cpu, PAGE_SIZE, COUNT, true) == -KVM_EINVAL && !cpu.rest && !told());
	assert(run(false) == PIECES && told() == COUNT && shared == COUNT && !unmapped);
	assert(run(true) == PIECES && !told() && unmapped == COUNT);
	hardware.strict_map_gpa = false;
	assert(run(true) == PIECES && unmapped == COUNT);
	return 0;
}
