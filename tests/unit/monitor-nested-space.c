/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables for guests of a host's are few. A space whose tables went to another processor, and which
 * has got some since, gives them back once more: nobody runs out of them, not even in one exit.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "../../monitor/hardware/nested/space.c"
#define find find_entry /* of the other file */
#include "../../monitor/svm/npt.c"

#define FAR   BIT(30) /* a table of each level but the top one for each page */
#define FILLS 400

struct guest guest;
unsigned int host_levels = 4;
static struct vcpu cpus[2] = { { .id = 0 }, { .id = 1 } };
static struct l1 l1[2] = { { .v = &cpus[0] }, { .v = &cpus[1] } };
static struct vmcb vmcb;
static struct nested nested[2];

void panic(const char *fmt, ...)
{
	(void)fmt;
	abort();
}

noreturn_t stop_crashed(struct vcpu *v, const char *why)
{
	(void)v, (void)why;
	abort();
}

void *memory_alloc(u64 size) { return calloc(1, size); }
void *memory_alloc_dirty(u64 size) { return aligned_alloc(PAGE_SIZE, size); }
struct vcpu *smp_here(void) { return &cpus[0]; }
void smp_flush(void) { npt_flushed(); }
bool page_is_own(u64 gpa) { return !gpa; }
bool page_class_is_uniform_2m(u64 gpa, enum page_class class) { return gpa && class; }
bool l1_device_has(u64 gpa) { return !gpa; }
bool l1_has(u64 pa, u64 size) { return !pa && size; }
void *l1_frame(u64 pa, u32 asid) { return (void *)(pa + asid); }
bool l1_frame_is_plain_2m(u64 pa) { return !pa; }

bool l1_npt_walk(u64 ncr3, u64 gpa, u64 *info, struct l1_npt_leaf *leaf)
{
	(void)ncr3, (void)info;
	*leaf = (struct l1_npt_leaf){ gpa, PAGE_SIZE, true, true };
	return true;
}

struct l1_npt_run l1_npt_run(u64 ncr3, u64 gpa)
{
	return (struct l1_npt_run){ .size = ncr3 + gpa };
}

bool l1_npt_still(const struct l1_npt_run *run, u64 gpa, u64 entry, u64 size)
{
	return run->size == gpa + entry + size;
}

bool rmp_check(struct nested *n, const struct l1_npt_leaf *leaf, struct nested_fault *f,
	       struct rmp_allowed *allowed)
{
	(void)n, (void)leaf, (void)f;
	*allowed = (struct rmp_allowed){ true, true, false };
	return true;
}

static void enter(unsigned int cpu)
{
	struct nested *n = &nested[cpu];

	n->host = &l1[cpu];
	n->l2.vmcb = &vmcb;
	n->asid = 1;
	n->space = nested_space_get(n);
}

/* As many pages as would need more tables than there are, in exits of @each. */
static void fill(struct nested *n, unsigned int each)
{
	for (u64 i = 1; i <= FILLS; i++) {
		assert(nested_fill(n, i * FAR % BIT(39), NPF_FINAL));
		if (i % each == 0)
			npt_flushed(); /* it enters its guest */
	}
}

int main(void)
{
	guest.cpu_count = 2;
	npt_init_tables(PAGE_2M_SIZE);
	nested_space_init(1);
	enter(1);
	fill(&nested[1], 1);
	enter(0);
	fill(&nested[0], 1);
	assert(!nested[1].space->used); /* its guest goes on */
	fill(&nested[1], 1);
	assert(nested[1].space->used);
	fill(&nested[0], FILLS);
	return 0;
}
