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

/*
 * What PVALIDATE and RMPADJUST have in common: finds the entries [*frame, *frame + *count) of an
 * operation of @size on @gpa. False: @result says why nothing is to be done.
 */
static bool find_entries(struct rmp *rmp, u64 gpa, u64 size, enum violation unassigned, u64 *frame,
			 u64 *count, struct rmp_result *result)
{
	*frame = page_state_frame(gpa);
	*count = size == RMP_PG_SIZE_2M ? PAGES_PER_2M : 1;
	*result = (struct rmp_result){ .gpa = align_down(gpa, PAGE_SIZE) };
	if (size > RMP_PG_SIZE_2M || !is_aligned(*frame, *count)) {
		result->status = PVALIDATE_FAIL_INPUT;
		return false;
	}
	if (!range_ok(rmp, *frame, *count) || !(get(rmp, *frame) & RMP_ASSIGNED) ||
	    get(rmp, *frame) & RMP_IMMUTABLE) {
		result->violation = unassigned;
		return false;
	}
	if (has_any(rmp, *frame, *count, RMP_IN_USE)) {
		result->violation = VIOLATION_VMSA_IN_USE;
		return false;
	}
	if (size == RMP_PG_SIZE_2M && !(get(rmp, *frame) & RMP_LARGE)) {
		result->status = PVALIDATE_FAIL_SIZEMISMATCH;
		return false;
	}
	return true;
}
_Static_assert(PVALIDATE_FAIL_INPUT == RMPADJUST_FAIL_INPUT, "one find_entries for both");
_Static_assert(PVALIDATE_FAIL_SIZEMISMATCH == RMPADJUST_FAIL_SIZEMISMATCH, "one for both");

/* A 4K operation on a 2M entry makes hardware exit with a size mismatch; the host smashes. */
static void smash_for(struct rmp *rmp, u64 frame, u64 count, struct rmp_result *result)
{
	if (count > 1 || !(get(rmp, frame) & RMP_LARGE))
		return;
	smash_frame(rmp, frame);
	result->smashed = true;
}

struct rmp_result rmp_pvalidate(struct rmp *rmp, u64 gpa, u64 size, bool validate)
{
	struct rmp_result result;
	u64 frame, count;

	if (!find_entries(rmp, gpa, size, VIOLATION_PVALIDATE_UNASSIGNED, &frame, &count, &result))
		return result;
	if (validate && get(rmp, frame) & RMP_VALIDATED)
		return violates(VIOLATION_PVALIDATE_TWICE, gpa);
	smash_for(rmp, frame, count, &result);
	result.unchanged = !validate && !(get(rmp, frame) & RMP_VALIDATED);
	change(rmp, frame, count, RMP_VALIDATED, validate ? RMP_VALIDATED : 0);
	return result;
}

u64 rmp_result_rflags(const struct rmp_result *result)
{
	return (result->status ? 0 : RFLAGS_ZF) | (result->status >> 31 ? RFLAGS_SF : 0) |
	       (__builtin_popcount(result->status & 0xff) % 2 ? 0 : RFLAGS_PF) |
	       (result->unchanged ? RFLAGS_CF : 0);
}

/* The permissions that @vmpl has itself, which bound what it may grant: APM3 RMPADJUST. */
static u32 permissions(u32 entry, unsigned int vmpl)
{
	return vmpl ? (entry >> RMP_VMPL_SHIFT(vmpl)) & RMP_PERM_ALL : RMP_PERM_ALL;
}

struct rmp_result rmp_adjust(struct rmp *rmp, unsigned int vmpl, u64 gpa, u64 size, u64 attributes)
{
	unsigned int target = bits_get(attributes, 7, 0);
	u32 granted = bits_get(attributes, 15, 8);
	struct rmp_result result;
	u64 frame, count;

	if (!find_entries(rmp, gpa, size, VIOLATION_RMPADJUST_UNASSIGNED, &frame, &count, &result))
		return result;
	if (!(get(rmp, frame) & RMP_VALIDATED))
		return violates(VIOLATION_ACCESS_NOT_VALIDATED, gpa);
	if (attributes >> 17 || target >= VMPL_COUNT || granted & ~RMP_PERM_ALL)
		result.status = RMPADJUST_FAIL_INPUT;
	else if (target <= vmpl || granted & ~permissions(get(rmp, frame), vmpl) ||
		 (attributes & RMPADJUST_VMSA && vmpl))
		result.status = RMPADJUST_FAIL_PERMISSION;
	if (result.status)
		return result;
	smash_for(rmp, frame, count, &result);
	change(rmp, frame, count, (RMP_PERM_ALL << RMP_VMPL_SHIFT(target)) | RMP_VMSA,
	       granted << RMP_VMPL_SHIFT(target) | (attributes & RMPADJUST_VMSA ? RMP_VMSA : 0));
	return result;
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

static u32 permissions_needed(enum rmp_access_kind kind)
{
	switch (kind) {
	case RMP_READ: return RMP_PERM_READ;
	case RMP_WRITE: return RMP_PERM_WRITE;
	case RMP_EXECUTE: return RMP_PERM_EXECUTE_SUPERVISOR;
	case RMP_WALK: return RMP_PERM_READ | RMP_PERM_WRITE;
	}
	return RMP_PERM_ALL;
}

/* An access through a private mapping, or by the walker. */
static enum violation access_private(u32 entry, unsigned int vmpl, enum rmp_access_kind kind)
{
	if (!(entry & RMP_ASSIGNED)) {
		if (kind == RMP_EXECUTE)
			return VIOLATION_EXECUTE_SHARED;
		return kind == RMP_WALK ? VIOLATION_PAGE_TABLE_SHARED
					: VIOLATION_ACCESS_PRIVATE_UNASSIGNED;
	}
	if (!(entry & RMP_VALIDATED))
		return VIOLATION_ACCESS_NOT_VALIDATED;
	if (entry & RMP_IN_USE)
		return VIOLATION_VMSA_IN_USE;
	if (permissions_needed(kind) & ~permissions(entry, vmpl))
		return VIOLATION_ACCESS_PERMISSION;
	return VIOLATION_NONE;
}

enum violation rmp_access(const struct rmp *rmp, unsigned int vmpl, u64 gpa, bool shared,
			  enum rmp_access_kind kind)
{
	u32 entry = get(rmp, page_state_frame(gpa));

	if (!shared || kind == RMP_WALK || kind == RMP_EXECUTE)
		return access_private(entry, vmpl, kind);
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
