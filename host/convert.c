/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See convert.h.
 */
#include "host/convert.h"

#include <string.h>

#include "host/kvm_uapi.h"

/* A run of pages of a slot, [first, end). */
struct page_run {
	u64 first;
	u64 end;
};

/* One conversion. */
struct conversion {
	struct memory *memory;
	int vm;
	const struct memory_slot *slot;
	struct page_run pages; /* of the slot */
	bool private;
};

static bool bit_get(const u64 *bitmap, u64 page) { return bitmap[page / 64] & BIT(page % 64); }

static void bits_set(u64 *bitmap, struct page_run run, bool value)
{
	for (u64 page = run.first; page < run.end; page++) {
		if (value)
			bitmap[page / 64] |= BIT(page % 64);
		else
			bitmap[page / 64] &= ~BIT(page % 64);
	}
}

/* The first run in [@at, @end) whose bits in @bitmap are @value; false when there is none. */
static bool next_run(const u64 *bitmap, u64 at, u64 end, bool value, struct page_run *run)
{
	while (at < end && bit_get(bitmap, at) != value)
		at++;
	run->first = at;
	while (at < end && bit_get(bitmap, at) == value)
		at++;
	run->end = at;
	return run->first < run->end;
}

/* The next run at or behind @at that has to change. */
static bool next(const struct conversion *c, u64 at, struct page_run *run)
{
	return next_run(c->slot->private, at, c->pages.end, !c->private, run);
}

static u64 bytes(struct page_run run) { return (run.end - run.first) * PAGE_SIZE; }

/* Punches a hole into one side. */
static int give_back(const struct conversion *c, struct page_run run, bool private_side)
{
	struct sys *sys = c->memory->sys;
	u64 offset = run.first * PAGE_SIZE;
	int error;

	if (private_side)
		error = sys->punch(sys, c->slot->guest_memfd, offset, bytes(run));
	else
		error = sys->discard(sys, (u8 *)c->slot->shared + offset, bytes(run));
	if (!error)
		bits_set(c->slot->stale, run, false);
	return error;
}

/* In [@pages), which the guest sees as @private, what the other side holds. */
static int give_back_stale(const struct conversion *c, struct page_run pages, bool private)
{
	struct page_run run = { .end = pages.first };
	int error = 0;

	while (!error && next_run(c->slot->stale, run.end, pages.end, true, &run))
		error = give_back(c, run, !private);
	return error;
}

static int set_attribute(const struct conversion *c, struct page_run run, bool private)
{
	struct sys *sys = c->memory->sys;
	struct host_memory_attributes attributes = {
		.address = c->slot->gpa + run.first * PAGE_SIZE,
		.size = bytes(run),
		.attributes = private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
	};

	return sys->ioctl(sys, c->vm, HOST_SET_MEMORY_ATTRIBUTES, &attributes);
}

/* Before anything is converted: the side that the guest will see is empty. */
static int empty(const struct conversion *c)
{
	struct page_run run = { .end = c->pages.first };
	int error = 0;

	while (!error && next(c, run.end, &run))
		error = give_back_stale(c, run, !c->private);
	return error;
}

/* KVM sees @run as wanted; so do we, and the other side has memory that nobody sees. */
static void note(const struct conversion *c, struct page_run run)
{
	bits_set(c->slot->private, run, c->private);
	bits_set(c->slot->stale, run, true);
}

/* What stays converted in front of @failed, and was not taken back: its pages. */
static u64 note_rest(const struct conversion *c, struct page_run run, u64 failed)
{
	u64 pages = 0;

	do {
		note(c, run);
		pages += run.end - run.first;
	} while (next(c, run.end, &run) && run.first < failed);
	return pages;
}

/*
 * Takes back the runs in front of @failed. The bitmap still has the state of before. Another
 * processor may have seen them as converted meanwhile, and written there.
 */
static int undo(const struct conversion *c, u64 failed, int error, struct why *why)
{
	struct page_run run = { .end = c->pages.first };

	while (next(c, run.end, &run) && run.first < failed) {
		int second = set_attribute(c, run, !c->private);
		u64 rest = second ? note_rest(c, run, failed) : 0;

		bits_set(c->slot->stale, run, true);
		if (second)
			return why_set(why, -E_IO,
				       "KVM_SET_MEMORY_ATTRIBUTES: %s; %llu of %llu pages stay "
				       "converted, since undoing failed too: %s",
				       why_error(-error), (unsigned long long)rest,
				       (unsigned long long)(c->pages.end - c->pages.first),
				       why_error(-second));
	}
	return why_set(why, -E_AGAIN, "KVM_SET_MEMORY_ATTRIBUTES: %s; undone", why_error(-error));
}

static int change(const struct conversion *c, struct why *why)
{
	struct page_run run = { .end = c->pages.first };

	while (next(c, run.end, &run)) {
		int error = set_attribute(c, run, c->private);

		if (error)
			return undo(c, run.first, error, why);
	}
	for (run.end = c->pages.first; next(c, run.end, &run);)
		note(c, run);
	return 0;
}

int convert_range(struct memory *memory, int vm, const struct gpa_range *range,
		  enum policy_other_side policy, struct why *why)
{
	const struct memory_slot *slot =
		memory_slot(memory, range->gpa, range->page_count * PAGE_SIZE);
	u64 first = slot ? (range->gpa - slot->gpa) / PAGE_SIZE : 0;
	struct conversion c = {
		memory, vm, slot, { first, first + range->page_count }, range->private
	};
	int error;

	if (!slot || slot->guest_memfd < 0)
		return why_set(why, -E_AGAIN, "there is no private memory");
	error = empty(&c);
	if (error)
		return why_set(why, -E_AGAIN, "old content could not be given back: %s",
			       why_error(-error));
	error = change(&c, why);
	if (error || policy == POLICY_KEEP)
		return error;
	(void)give_back_stale(&c, c.pages, c.private);
	return 0;
}

bool convert_can(const struct memory *memory, u64 gpa, u64 size)
{
	const struct memory_slot *slot = memory_slot(memory, gpa, size);

	return slot && slot->private;
}

bool convert_is(const struct memory *memory, u64 gpa, u64 size, bool private)
{
	const struct memory_slot *slot = memory_slot(memory, gpa, size);
	struct page_run other;
	u64 first;

	if (!convert_can(memory, gpa, size))
		return false;
	first = (gpa - slot->gpa) / PAGE_SIZE;
	return !next_run(slot->private, first, first + size / PAGE_SIZE, !private, &other);
}

void convert_give_back(struct memory *memory, const struct memory_slot *slot)
{
	struct page_run run = { .end = 0 };

	while (next_run(slot->private, run.end, slot->size / PAGE_SIZE, true, &run)) {
		struct conversion c = { .memory = memory, .slot = slot };

		(void)give_back_stale(&c, run, true);
	}
}
