/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secure EPT: see tdx_sept.h. A 2M entry is 512 pages that all carry SEPT_LARGE, so that every
 * question about a page is one look at its own entry.
 */
#include "monitor/hardware/tdx_sept.h"
#include "lib/compiler.h"

#define PRESENT (SEPT_PENDING | SEPT_MAPPED)
/* What a nested 2M mapping depends on. */
#define MAPPING_STATE (SEPT_RAM | SEPT_PRIVATE | SEPT_MAPPED | SEPT_DUE)

static u64 head_of(u64 frame) { return align_down(frame, PAGES_PER_2M); }

static bool range_ok(const struct sept *sept, u64 frame, u64 count)
{
	return page_state_has(&sept->pages, frame, count);
}

static u32 get(const struct sept *sept, u64 frame) { return page_state_get(&sept->pages, frame); }

static void change(struct sept *sept, u64 frame, u64 count, u32 clear, u32 set)
{
	page_state_change(&sept->pages, frame, count, clear, set);
}

static void fill(struct sept *sept, u64 frame, u64 count, u32 entry)
{
	change(sept, frame, count, ~0U, entry);
}

/* TDH.MEM.PAGE.DEMOTE of the 2M entry that @frame is in, if it is in one. */
static void demote(struct sept *sept, u64 frame)
{
	if (get(sept, frame) & SEPT_LARGE)
		change(sept, head_of(frame), PAGES_PER_2M, SEPT_LARGE, 0);
}

void sept_init(struct sept *sept, u32 *words, u64 page_count)
{
	*sept = (struct sept){ 0 };
	page_state_init(&sept->pages, words, page_count);
}

u32 sept_flags(const struct sept *sept, u64 gpa) { return get(sept, page_state_frame(gpa)); }

bool sept_has_memory(const struct sept *sept, u64 gpa, u64 size)
{
	u64 frame = page_state_frame(gpa), count = page_state_frame(size);

	if (frame >= sept->pages.page_count)
		return false;
	if (count > sept->pages.page_count - frame)
		count = sept->pages.page_count - frame;
	return page_state_find(&sept->pages, frame, count, SEPT_RAM) != frame + count;
}

int sept_assign(struct sept *sept, u64 gpa, u64 size, bool added)
{
	u64 frame = page_state_frame(gpa), count = page_state_frame(size);

	if (!is_aligned(gpa | size, PAGE_SIZE))
		return -E_INVAL;
	if (!range_ok(sept, frame, count))
		return -E_RANGE;
	if (!count)
		return 0;
	demote(sept, frame); /* those in between are filled whole */
	demote(sept, frame + count - 1);
	fill(sept, frame, count, SEPT_RAM | SEPT_PRIVATE | (added ? SEPT_MAPPED : 0));
	return 0;
}

/* Whether the host can add one 2M page at @head: all of it private, nothing there. */
static bool can_add_2m(const struct sept *sept, u64 head)
{
	return !sept->small_only && get(sept, head) == (SEPT_RAM | SEPT_PRIVATE) &&
	       page_state_equal_2m(&sept->pages, head, ~0U);
}

/* TDH.MEM.PAGE.AUG of the private page at @frame on its first use, no larger than @level. */
static void add(struct sept *sept, u64 frame, unsigned int level)
{
	u64 head = head_of(frame);

	if (get(sept, frame) & PRESENT)
		return;
	if (level >= TDX_LEVEL_2M && can_add_2m(sept, head))
		fill(sept, head, PAGES_PER_2M, SEPT_RAM | SEPT_PRIVATE | SEPT_PENDING | SEPT_LARGE);
	else
		change(sept, frame, 1, 0, SEPT_PENDING);
}

static unsigned int level_of(u32 entry) { return entry & SEPT_LARGE ? TDX_LEVEL_2M : TDX_LEVEL_4K; }

/* A 2M operation meets a page table where a smaller page is there, else a leaf. */
static bool has_4k_pages(const struct sept *sept, u64 head)
{
	if (!range_ok(sept, head, PAGES_PER_2M))
		return true;
	/* a page of a 2M entry stands for all of them */
	return !(get(sept, head) & SEPT_LARGE) &&
	       page_state_find(&sept->pages, head, PAGES_PER_2M, PRESENT) != head + PAGES_PER_2M;
}

struct sept_result sept_accept(struct sept *sept, u64 operand)
{
	unsigned int level = operand & TDX_LEVEL_MASK;
	u64 gpa = operand & TDX_PAGE_GPA_MASK, frame = page_state_frame(gpa);
	u64 count = level ? PAGES_PER_2M : 1;
	struct sept_result result = { .gpa = gpa };

	if (operand & ~(TDX_PAGE_GPA_MASK | TDX_LEVEL_MASK) || level > TDX_LEVEL_2M ||
	    !is_aligned(frame, count)) {
		result.status = TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
		return result;
	}
	if (!(get(sept, frame) & SEPT_PRIVATE)) {
		result.violation = VIOLATION_TDX_ACCEPT_SHARED;
		return result;
	}
	add(sept, frame, level);
	if (level && has_4k_pages(sept, frame)) {
		result.status = TDX_PAGE_SIZE_MISMATCH | level;
	} else if (get(sept, frame) & SEPT_MAPPED) {
		result.status = TDX_PAGE_ALREADY_ACCEPTED | level_of(get(sept, frame));
	} else {
		if (!level)
			demote(sept, frame);
		change(sept, frame, count, SEPT_PENDING, SEPT_MAPPED | SEPT_DUE);
		result.size = count * PAGE_SIZE;
	}
	return result;
}

struct sept_result sept_attributes(struct sept *sept, u64 gpa, unsigned int *level, bool *pending)
{
	struct sept_result result = { .gpa = align_down(gpa, PAGE_SIZE) };
	u64 frame = page_state_frame(gpa);

	if (!(get(sept, frame) & SEPT_PRIVATE)) {
		result.violation = VIOLATION_ACCESS_PRIVATE_UNASSIGNED;
		return result;
	}
	add(sept, frame, TDX_LEVEL_2M);
	*level = level_of(get(sept, frame));
	*pending = get(sept, frame) & SEPT_PENDING;
	return result;
}

static bool all_ram(const struct sept *sept, u64 frame, u64 count)
{
	u64 end = frame + count;

	if (!range_ok(sept, frame, count))
		return false;
	for (; frame < end; frame += page_state_run(&sept->pages, frame, end - frame))
		if (!(get(sept, frame) & SEPT_RAM))
			return false;
	return true;
}

/* Of @count pages that are equal. */
static void make_shared(struct sept *sept, u64 frame, u64 count)
{
	if (!(get(sept, frame) & SEPT_PRIVATE))
		return;
	demote(sept, frame);
	fill(sept, frame, count, SEPT_RAM | SEPT_DUE);
}

static void make_private(struct sept *sept, u64 frame, u64 count)
{
	if (!(get(sept, frame) & SEPT_PRIVATE))
		fill(sept, frame, count, SEPT_RAM | SEPT_PRIVATE);
}

int sept_convert(struct sept *sept, u64 gpa, u64 size, bool private)
{
	u64 frame = page_state_frame(gpa), count = page_state_frame(size), run;

	if (private && !all_ram(sept, frame, count))
		return -E_RANGE;
	for (; count && frame < sept->pages.page_count; frame += run, count -= run) {
		run = page_state_run(&sept->pages, frame, count);
		if (private)
			make_private(sept, frame, run);
		else
			make_shared(sept, frame, run);
	}
	return 0;
}

bool sept_remove(struct sept *sept, u64 gpa)
{
	u64 frame = page_state_frame(gpa);

	if (!(get(sept, frame) & SEPT_MAPPED))
		return false;
	demote(sept, frame);
	change(sept, frame, 1, ~0U, SEPT_RAM | SEPT_PRIVATE);
	return true;
}

static enum violation access_private(struct sept *sept, u64 frame, enum access_kind kind)
{
	if (!(get(sept, frame) & SEPT_PRIVATE)) {
		if (kind == ACCESS_EXECUTE)
			return VIOLATION_EXECUTE_SHARED;
		return kind == ACCESS_WALK ? VIOLATION_PAGE_TABLE_SHARED
					   : VIOLATION_ACCESS_PRIVATE_UNASSIGNED;
	}
	add(sept, frame, TDX_LEVEL_2M);
	return get(sept, frame) & SEPT_MAPPED ? VIOLATION_NONE : VIOLATION_TDX_ACCESS_NOT_ACCEPTED;
}

enum violation sept_access(struct sept *sept, u64 gpa, bool shared, enum access_kind kind)
{
	u64 frame = page_state_frame(gpa);

	if (!shared)
		return access_private(sept, frame, kind);
	if (kind == ACCESS_EXECUTE)
		return VIOLATION_EXECUTE_SHARED;
	if (kind == ACCESS_WALK)
		return VIOLATION_PAGE_TABLE_SHARED;
	return get(sept, frame) & SEPT_PRIVATE ? VIOLATION_ACCESS_SHARED_ALIAS : VIOLATION_NONE;
}

u64 sept_alike(const struct sept *sept, u64 gpa, u64 *size)
{
	return page_state_around(&sept->pages, gpa, MAPPING_STATE, size);
}

void sept_written(struct sept *sept, u64 gpa, u64 size)
{
	page_state_clear(&sept->pages, gpa, size, SEPT_DUE);
}
