/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reverse map: see rmp.h. A 2M entry is 512 pages that all carry RMP_LARGE, so that every
 * question about a page is one look at its own entry.
 */
#include "monitor/hardware/rmp.h"
#include "lib/compiler.h"

/* What must be equal in all pages of a 2M entry. */
#define ENTRY_STATE (~(u32)RMP_POISON)
/* What a nested 2M mapping depends on. */
#define MAPPING_STATE (RMP_ASSIGNED | RMP_VALIDATED | RMP_POISON | RMP_IN_USE)

static u64 head_of(u64 frame) { return align_down(frame, PAGES_PER_2M); }

static bool range_ok(const struct rmp *rmp, u64 frame, u64 count)
{
	return page_state_has(&rmp->pages, frame, count);
}

static u32 get(const struct rmp *rmp, u64 frame) { return page_state_get(&rmp->pages, frame); }

/* Whether the whole 2M from @frame on lies in @count pages. */
static bool whole_2m(u64 frame, u64 count)
{
	return is_aligned(frame, PAGES_PER_2M) && count >= PAGES_PER_2M;
}

static void change(struct rmp *rmp, u64 frame, u64 count, u32 clear, u32 set)
{
	page_state_change(&rmp->pages, frame, count, clear, set);
}

static bool has_any(const struct rmp *rmp, u64 frame, u64 count, u32 flags)
{
	if (count == 1)
		return get(rmp, frame) & flags;
	return page_state_find(&rmp->pages, frame, count, flags) != frame + count;
}

static void smash_frame(struct rmp *rmp, u64 frame)
{
	change(rmp, head_of(frame), PAGES_PER_2M, RMP_LARGE, 0);
}

void rmp_init(struct rmp *rmp, u32 *words, u64 page_count)
{
	*rmp = (struct rmp){ 0 };
	page_state_init(&rmp->pages, words, page_count);
}

u32 rmp_flags(const struct rmp *rmp, u64 gpa) { return get(rmp, page_state_frame(gpa)) & 0xff; }

int rmp_assign(struct rmp *rmp, u64 gpa, u64 size, u32 flags)
{
	u64 frame = page_state_frame(gpa), count = page_state_frame(size);

	if (!is_aligned(gpa | size, PAGE_SIZE))
		return -E_INVAL;
	if (!range_ok(rmp, frame, count))
		return -E_RANGE;
	flags = (flags & (RMP_VALIDATED | RMP_IMMUTABLE | RMP_POISON)) | RMP_ASSIGNED;
	while (count) {
		bool large = whole_2m(frame, count) && !rmp->small_only;
		u64 step = large ? PAGES_PER_2M : 1;

		if (!large && get(rmp, frame) & RMP_LARGE)
			smash_frame(rmp, frame);
		change(rmp, frame, step, ~0U, flags | (large ? RMP_LARGE : 0));
		frame += step;
		count -= step;
	}
	return 0;
}

static struct rmp_result violates(enum violation violation, u64 gpa)
{
	return (struct rmp_result){ .violation = violation, .gpa = align_down(gpa, PAGE_SIZE) };
}

/* What PVALIDATE and RMPADJUST of @size on @gpa meet; outside of the table nothing is assigned. */
struct operand {
	u64 frame, count;
	u32 entry;
	bool busy;
};

static struct operand operand_at(const struct rmp *rmp, u64 gpa, u64 size)
{
	struct operand o = {
		.frame = page_state_frame(gpa),
		.count = size == RMP_PG_SIZE_2M ? PAGES_PER_2M : 1,
	};

	if (range_ok(rmp, o.frame, o.count)) {
		o.entry = get(rmp, o.frame);
		o.busy = has_any(rmp, o.frame, o.count, RMP_IN_USE);
	}
	return o;
}

static enum violation violation_of(enum rmp_fault fault, enum violation unassigned)
{
	switch (fault) {
	case RMP_FAULT_UNASSIGNED: return unassigned;
	case RMP_FAULT_IN_USE: return VIOLATION_VMSA_IN_USE;
	case RMP_FAULT_NOT_VALIDATED: return VIOLATION_ACCESS_NOT_VALIDATED;
	case RMP_FAULT_PERMISSION: return VIOLATION_ACCESS_PERMISSION;
	case RMP_FAULT_NONE:
	case RMP_FAULT_SIZE: break;
	}
	return VIOLATION_NONE;
}

/* A 4K operation on a 2M entry makes hardware exit with a size mismatch; the host smashes. */
static void smash_for(struct rmp *rmp, u64 frame, u64 count, struct rmp_result *result)
{
	if (count > 1 || !(get(rmp, frame) & RMP_LARGE))
		return;
	smash_frame(rmp, frame);
	result->smashed = true;
}

static struct rmp_result carry_out(struct rmp *rmp, u64 gpa, const struct operand *o,
				   const struct rmp_change *c, enum violation unassigned)
{
	struct rmp_result result = {
		.violation = violation_of(c->fault, unassigned),
		.gpa = align_down(gpa, PAGE_SIZE),
		.status = c->status,
		.unchanged = c->unchanged,
	};

	if (result.violation || result.status)
		return result;
	smash_for(rmp, o->frame, o->count, &result);
	change(rmp, o->frame, o->count, c->clear, c->set);
	return result;
}

struct rmp_result rmp_pvalidate(struct rmp *rmp, u64 gpa, u64 size, bool validate)
{
	struct operand o = operand_at(rmp, gpa, size);
	struct rmp_change c = rmp_rule_pvalidate(o.entry, gpa, size, o.busy, validate);

	if (validate && c.unchanged)
		return violates(VIOLATION_PVALIDATE_TWICE, gpa);
	return carry_out(rmp, gpa, &o, &c, VIOLATION_PVALIDATE_UNASSIGNED);
}

u64 rmp_result_rflags(const struct rmp_result *result)
{
	return (result->status ? 0 : RFLAGS_ZF) | (result->status >> 31 ? RFLAGS_SF : 0) |
	       (__builtin_popcount(result->status & 0xff) % 2 ? 0 : RFLAGS_PF) |
	       (result->unchanged ? RFLAGS_CF : 0);
}

struct rmp_result rmp_adjust(struct rmp *rmp, unsigned int vmpl, u64 gpa, u64 size, u64 attributes)
{
	struct operand o = operand_at(rmp, gpa, size);
	struct rmp_change c = rmp_rule_adjust(o.entry, gpa, size, o.busy, vmpl, attributes);

	return carry_out(rmp, gpa, &o, &c, VIOLATION_RMPADJUST_UNASSIGNED);
}

enum violation rmp_vmsa_begin(struct rmp *rmp, u64 gpa)
{
	u64 frame = page_state_frame(gpa);
	u32 needed = RMP_ASSIGNED | RMP_VALIDATED | RMP_VMSA;

	if (!range_ok(rmp, frame, 1) || (get(rmp, frame) & needed) != needed)
		return VIOLATION_VMSA_PAGE;
	if (get(rmp, frame) & RMP_IN_USE)
		return VIOLATION_VMSA_IN_USE;
	if (get(rmp, frame) & RMP_LARGE)
		smash_frame(rmp, frame);
	change(rmp, frame, 1, 0, RMP_IN_USE);
	return VIOLATION_NONE;
}

void rmp_vmsa_end(struct rmp *rmp, u64 gpa)
{
	if (range_ok(rmp, page_state_frame(gpa), 1))
		change(rmp, page_state_frame(gpa), 1, RMP_IN_USE, 0);
}

bool rmp_can_change(const struct rmp *rmp, u64 gpa, u64 count)
{
	u64 frame = page_state_frame(gpa);

	return count && range_ok(rmp, frame, count) && !has_any(rmp, frame, count, RMP_IMMUTABLE);
}

/* Frame and count of a page-state change; 0 or -E_INVAL, -E_RANGE, -E_PERM. */
static int psc_range(const struct rmp *rmp, u64 gpa, bool large, u64 *frame, u64 *count)
{
	*frame = page_state_frame(gpa);
	*count = large ? PAGES_PER_2M : 1;
	if (!is_aligned(gpa, *count * PAGE_SIZE))
		return -E_INVAL;
	if (!range_ok(rmp, *frame, *count))
		return -E_RANGE;
	return has_any(rmp, *frame, *count, RMP_IMMUTABLE) ? -E_PERM : 0;
}

int rmp_make_private(struct rmp *rmp, u64 gpa, bool large)
{
	u64 frame, count, run;
	u32 set = RMP_ASSIGNED | RMP_POISON;
	int error = psc_range(rmp, gpa, large, &frame, &count);

	if (error)
		return error;
	if (large && !rmp->small_only && !has_any(rmp, frame, count, RMP_ASSIGNED))
		set |= RMP_LARGE;
	for (u64 i = 0; i < count; i += run) {
		run = page_state_run(&rmp->pages, frame + i, count - i);
		if (!(get(rmp, frame + i) & RMP_ASSIGNED))
			change(rmp, frame + i, run, ~0U, set);
	}
	return 0;
}

int rmp_make_shared(struct rmp *rmp, u64 gpa, bool large, struct rmp_result *result)
{
	u64 frame, count, run, validated;
	int error = psc_range(rmp, gpa, large, &frame, &count);

	*result = (struct rmp_result){ 0 };
	if (error)
		return error;
	if (has_any(rmp, frame, count, RMP_VALIDATED)) {
		validated = page_state_find(&rmp->pages, frame, count, RMP_VALIDATED);
		*result = violates(VIOLATION_PSC_SHARED_VALIDATED, validated * PAGE_SIZE);
		return 0;
	}
	smash_for(rmp, frame, count, result);
	for (u64 i = 0; i < count; i += run) {
		run = page_state_run(&rmp->pages, frame + i, count - i);
		if (get(rmp, frame + i) & RMP_ASSIGNED)
			change(rmp, frame + i, run, ~0U, RMP_POISON);
	}
	return 0;
}

bool rmp_update(struct rmp *rmp, u64 gpa, bool assigned)
{
	u64 frame = page_state_frame(gpa);
	u32 entry = get(rmp, frame);

	if (!range_ok(rmp, frame, 1) || !(entry & RMP_ASSIGNED) ||
	    entry & (RMP_IMMUTABLE | RMP_IN_USE))
		return false;
	if (entry & RMP_LARGE)
		smash_frame(rmp, frame);
	change(rmp, frame, 1, ~0U, RMP_POISON | (assigned ? RMP_ASSIGNED : 0));
	return true;
}

int rmp_smash(struct rmp *rmp, u64 gpa)
{
	if (!(rmp_flags(rmp, gpa) & RMP_LARGE))
		return -E_INVAL;
	smash_frame(rmp, page_state_frame(gpa));
	return 0;
}

int rmp_unsmash(struct rmp *rmp, u64 gpa)
{
	u64 head = head_of(page_state_frame(gpa));

	if (!range_ok(rmp, head, PAGES_PER_2M) || !(get(rmp, head) & RMP_ASSIGNED) ||
	    get(rmp, head) & RMP_LARGE ||
	    !page_state_equal(&rmp->pages, head, PAGES_PER_2M, ENTRY_STATE))
		return -E_INVAL;
	change(rmp, head, PAGES_PER_2M, 0, RMP_LARGE);
	return 0;
}

static enum violation unassigned_by(enum access_kind kind)
{
	if (kind == ACCESS_EXECUTE)
		return VIOLATION_EXECUTE_SHARED;
	return kind == ACCESS_WALK ? VIOLATION_PAGE_TABLE_SHARED
				   : VIOLATION_ACCESS_PRIVATE_UNASSIGNED;
}

enum violation rmp_access(const struct rmp *rmp, unsigned int vmpl, u64 gpa, bool shared,
			  enum access_kind kind)
{
	u32 entry = get(rmp, page_state_frame(gpa));

	if (!shared || kind == ACCESS_WALK || kind == ACCESS_EXECUTE)
		return violation_of(rmp_rule_private(entry, vmpl, kind), unassigned_by(kind));
	return entry & RMP_ASSIGNED ? VIOLATION_ACCESS_SHARED_ALIAS : VIOLATION_NONE;
}

u64 rmp_alike(const struct rmp *rmp, u64 gpa, u64 *size)
{
	return page_state_around(&rmp->pages, gpa, MAPPING_STATE, size);
}

void rmp_poisoned(struct rmp *rmp, u64 gpa, u64 size)
{
	page_state_clear(&rmp->pages, gpa, size, RMP_POISON);
}
