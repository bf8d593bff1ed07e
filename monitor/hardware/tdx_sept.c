/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secure EPT: see tdx_sept.h. A 2M entry is 512 pages that all carry SEPT_LARGE, so that every
 * question about a page is one look at its own entry. Only get(), change() and what is between
 * them know that equal entries may be one byte.
 */
#include "monitor/hardware/tdx_sept.h"
#include "lib/compiler.h"

#define PAGES_PER_2M SEPT_UNIT_PAGES

#define PRESENT (SEPT_PENDING | SEPT_MAPPED)
/* What a nested 2M mapping depends on. */
#define MAPPING_STATE (SEPT_RAM | SEPT_PRIVATE | SEPT_MAPPED | SEPT_DUE)

static u64 frame_of(u64 gpa) { return gpa >> PAGE_SHIFT; }

static u64 head_of(u64 frame) { return align_down(frame, PAGES_PER_2M); }

static bool range_ok(const struct sept *sept, u64 frame, u64 count)
{
	return frame < sept->page_count && count <= sept->page_count - frame;
}

static bool is_split(const struct sept *sept, u64 frame)
{
	return sept->units[frame / PAGES_PER_2M] & SEPT_SPLIT;
}

static u8 get(const struct sept *sept, u64 frame)
{
	return is_split(sept, frame) ? sept->entries[frame] : sept->units[frame / PAGES_PER_2M];
}

/* Gives each page of the unit its own entry. */
static void split(struct sept *sept, u64 frame)
{
	u64 head = head_of(frame);

	for (u64 i = head; i < head + PAGES_PER_2M && i < sept->page_count; i++)
		sept->entries[i] = sept->units[head / PAGES_PER_2M];
	sept->units[head / PAGES_PER_2M] = SEPT_SPLIT;
}

/* How many of the @count pages from @frame on are surely equal and can be changed as one. */
static u64 run_of(const struct sept *sept, u64 frame, u64 count)
{
	bool whole = is_aligned(frame, PAGES_PER_2M) && count >= PAGES_PER_2M;

	return whole && !is_split(sept, frame) ? PAGES_PER_2M : 1;
}

static void change(struct sept *sept, u64 frame, u64 count, u8 clear, u8 set)
{
	for (u64 end = frame + count; frame < end;) {
		u64 run = run_of(sept, frame, end - frame);
		u8 *byte = &sept->units[frame / PAGES_PER_2M];

		if (run == 1 && !is_split(sept, frame))
			split(sept, frame);
		if (run == 1)
			byte = &sept->entries[frame];
		*byte = (u8)((*byte & ~clear) | set);
		frame += run;
	}
}

static u8 entry_at(const struct sept *sept, u64 frame)
{
	return frame < sept->page_count ? get(sept, frame) : 0;
}

static bool all_equal(const struct sept *sept, u64 head, u8 mask)
{
	if (!is_split(sept, head))
		return true;
	for (u64 i = 1; i < PAGES_PER_2M; i++)
		if ((get(sept, head + i) ^ get(sept, head)) & mask)
			return false;
	return true;
}

static void fill(struct sept *sept, u64 frame, u64 count, u8 entry)
{
	change(sept, frame, count, 0xff, entry);
}

/* TDH.MEM.PAGE.DEMOTE of the 2M entry that @frame is in, if it is in one. */
static void demote(struct sept *sept, u64 frame)
{
	if (get(sept, frame) & SEPT_LARGE)
		change(sept, head_of(frame), PAGES_PER_2M, SEPT_LARGE, 0);
}

void sept_init(struct sept *sept, u8 *bytes, u64 page_count)
{
	*sept = (struct sept){
		.units = bytes,
		.entries = bytes + SEPT_UNITS(page_count),
		.page_count = page_count,
	};
	for (u64 i = 0; i < SEPT_UNITS(page_count); i++)
		sept->units[i] = 0;
}

u8 sept_flags(const struct sept *sept, u64 gpa) { return entry_at(sept, frame_of(gpa)); }

int sept_assign(struct sept *sept, u64 gpa, u64 size, bool added)
{
	u64 frame = frame_of(gpa), count = frame_of(size);

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
	return !sept->small_only && range_ok(sept, head, PAGES_PER_2M) &&
	       get(sept, head) == (SEPT_RAM | SEPT_PRIVATE) && all_equal(sept, head, 0xff);
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

static unsigned int level_of(u8 entry) { return entry & SEPT_LARGE ? TDX_LEVEL_2M : TDX_LEVEL_4K; }

/* A 2M operation meets a page table where a smaller page is there, else a leaf. */
static bool has_4k_pages(const struct sept *sept, u64 head)
{
	if (!range_ok(sept, head, PAGES_PER_2M))
		return true;
	for (u64 i = 0; i < PAGES_PER_2M; i += run_of(sept, head + i, PAGES_PER_2M - i))
		if (get(sept, head + i) & PRESENT && !(get(sept, head + i) & SEPT_LARGE))
			return true;
	return false;
}

struct sept_result sept_accept(struct sept *sept, u64 operand)
{
	unsigned int level = operand & TDX_LEVEL_MASK;
	u64 gpa = operand & TDX_PAGE_GPA_MASK, frame = frame_of(gpa);
	u64 count = level ? PAGES_PER_2M : 1;
	struct sept_result result = { .gpa = gpa };

	if (operand & ~(TDX_PAGE_GPA_MASK | TDX_LEVEL_MASK) || level > TDX_LEVEL_2M ||
	    !is_aligned(frame, count)) {
		result.status = TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
		return result;
	}
	if (!(entry_at(sept, frame) & SEPT_PRIVATE)) {
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
	u64 frame = frame_of(gpa);

	if (!(entry_at(sept, frame) & SEPT_PRIVATE)) {
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
	if (!range_ok(sept, frame, count))
		return false;
	for (u64 i = 0; i < count; i += run_of(sept, frame + i, count - i))
		if (!(get(sept, frame + i) & SEPT_RAM))
			return false;
	return true;
}

static void make_shared(struct sept *sept, u64 frame)
{
	if (!(entry_at(sept, frame) & SEPT_PRIVATE))
		return;
	demote(sept, frame);
	fill(sept, frame, 1, SEPT_RAM | SEPT_DUE);
}

int sept_convert(struct sept *sept, u64 gpa, u64 size, bool private)
{
	u64 frame = frame_of(gpa), count = frame_of(size);

	if (private && !all_ram(sept, frame, count))
		return -E_RANGE;
	for (u64 i = 0; i < count && frame + i < sept->page_count; i++) {
		if (!private)
			make_shared(sept, frame + i);
		else if (!(get(sept, frame + i) & SEPT_PRIVATE))
			fill(sept, frame + i, 1, SEPT_RAM | SEPT_PRIVATE);
	}
	return 0;
}

static enum violation access_private(struct sept *sept, u64 frame, enum sept_access_kind kind)
{
	if (!(entry_at(sept, frame) & SEPT_PRIVATE)) {
		if (kind == SEPT_EXECUTE)
			return VIOLATION_EXECUTE_SHARED;
		return kind == SEPT_WALK ? VIOLATION_PAGE_TABLE_SHARED
					 : VIOLATION_ACCESS_PRIVATE_UNASSIGNED;
	}
	add(sept, frame, TDX_LEVEL_2M);
	return get(sept, frame) & SEPT_MAPPED ? VIOLATION_NONE : VIOLATION_TDX_ACCESS_NOT_ACCEPTED;
}

enum violation sept_access(struct sept *sept, u64 gpa, bool shared, enum sept_access_kind kind)
{
	u64 frame = frame_of(gpa);

	if (!shared)
		return access_private(sept, frame, kind);
	if (kind == SEPT_EXECUTE)
		return VIOLATION_EXECUTE_SHARED;
	if (kind == SEPT_WALK)
		return VIOLATION_PAGE_TABLE_SHARED;
	return entry_at(sept, frame) & SEPT_PRIVATE ? VIOLATION_ACCESS_SHARED_ALIAS
						    : VIOLATION_NONE;
}

bool sept_is_uniform_2m(const struct sept *sept, u64 gpa)
{
	u64 head = head_of(frame_of(gpa));

	return range_ok(sept, head, PAGES_PER_2M) && all_equal(sept, head, MAPPING_STATE);
}

void sept_written(struct sept *sept, u64 gpa, u64 size)
{
	u64 frame = frame_of(gpa), count = frame_of(size);

	if (frame >= sept->page_count)
		return;
	if (count > sept->page_count - frame)
		count = sept->page_count - frame;
	change(sept, frame, count, SEPT_DUE, 0);
}
