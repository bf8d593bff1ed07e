/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See page_state.h.
 */
#include "monitor/hardware/page_state.h"

#include "lib/compiler.h"

void (*page_state_changed)(const struct page_states *states, u64 frame, u64 count, u32 old,
			   u32 word);

static struct page_unit *unit_of(const struct page_states *s, u64 frame)
{
	return &s->units[frame / PAGES_PER_2M];
}

/* The pages of the unit that @frame is in: the last one may be cut off. */
static u64 unit_start(u64 frame) { return align_down(frame, PAGES_PER_2M); }

static u64 unit_end(const struct page_states *s, u64 frame)
{
	u64 end = unit_start(frame) + PAGES_PER_2M;

	return end < s->page_count ? end : s->page_count;
}

void page_state_init(struct page_states *s, u32 *words, u64 page_count)
{
	u64 units = PAGE_STATE_UNITS(page_count);

	*s = (struct page_states){
		.units = (struct page_unit *)(void *)words,
		.words = words + PAGE_STATE_WORDS(page_count) - page_count,
		.page_count = page_count,
	};
	for (u64 i = 0; i < units; i++)
		s->units[i] = (struct page_unit){ 0 };
}

static __cold void split(struct page_states *s, u64 frame)
{
	u32 word = unit_of(s, frame)->word;

#pragma clang loop unroll_count(8)
	for (u64 i = unit_start(frame), end = unit_end(s, frame); i < end; i++)
		s->words[i] = word;
}

/*
 * No page has the unit's word any more, so another is to be it: the last page's, since who changes
 * a unit page by page mostly goes upwards, and has made them all equal with that one.
 */
static __cold void recount(struct page_states *s, u64 frame)
{
	struct page_unit *unit = unit_of(s, frame);
	u64 end = unit_end(s, frame);

	unit->word = s->words[end - 1];
	unit->others = 0;
#pragma clang loop unroll_count(8)
	for (u64 i = unit_start(frame); i < end; i++)
		unit->others += s->words[i] != unit->word;
}

u64 page_state_run(const struct page_states *s, u64 frame, u64 count)
{
	u64 left = unit_end(s, frame) - frame, run = 1;

	if (left > count)
		left = count;
	if (!unit_of(s, frame)->others)
		return left;
	while (run < left && s->words[frame + run] == s->words[frame])
		run++;
	return run;
}

/* Of @count pages of one unit that are equal. */
static void change_equal(struct page_states *s, u64 frame, u64 count, u32 clear, u32 set)
{
	u64 size = unit_end(s, frame) - unit_start(frame);
	struct page_unit *unit = unit_of(s, frame);
	u32 old = page_state_get(s, frame), word = (old & ~clear) | set;

	if (old == word)
		return;
	if (page_state_changed)
		page_state_changed(s, frame, count, old, word);
	if (count == size) {
		unit->word = word;
		return;
	}
	if (!unit->others)
		split(s, frame);
	for (u64 i = frame; i < frame + count; i++)
		s->words[i] = word;
	unit->others += (u32)count * ((u32)(word != unit->word) - (u32)(old != unit->word));
	if (unit->others == size)
		recount(s, frame);
}

void page_state_change(struct page_states *s, u64 frame, u64 count, u32 clear, u32 set)
{
	for (u64 run; count; frame += run, count -= run) {
		run = count == 1 ? 1 : page_state_run(s, frame, count);
		change_equal(s, frame, run, clear, set);
	}
}

void page_state_clear(struct page_states *s, u64 gpa, u64 size, u32 flags)
{
	u64 frame = page_state_frame(gpa), count = page_state_frame(size);

	if (frame >= s->page_count)
		return;
	if (count > s->page_count - frame)
		count = s->page_count - frame;
	page_state_change(s, frame, count, flags, 0);
}

u64 page_state_find(const struct page_states *s, u64 frame, u64 count, u32 mask)
{
	for (u64 end = frame + count; frame < end; frame += page_state_run(s, frame, end - frame))
		if (page_state_get(s, frame) & mask)
			return frame;
	return frame;
}

bool page_state_equal(const struct page_states *s, u64 frame, u64 count, u32 mask)
{
	u32 first = page_state_get(s, frame);

	for (u64 end = frame + count; frame < end; frame += page_state_run(s, frame, end - frame))
		if ((page_state_get(s, frame) ^ first) & mask)
			return false;
	return true;
}

bool page_state_equal_2m(const struct page_states *s, u64 frame, u32 mask)
{
	u64 start = unit_start(frame);

	return page_state_has(s, start, PAGES_PER_2M) &&
	       page_state_equal(s, start, PAGES_PER_2M, mask);
}

u64 page_state_around(const struct page_states *s, u64 gpa, u32 mask, u64 *size)
{
	u64 frame = page_state_frame(gpa), first = frame, end = frame + 1;
	u32 word = page_state_get(s, frame);

	if (frame < s->page_count && !unit_of(s, frame)->others) {
		first = unit_start(frame);
		end = unit_end(s, frame);
	} else if (frame < s->page_count) {
		while (first > unit_start(frame) && !((s->words[first - 1] ^ word) & mask))
			first--;
		while (end < unit_end(s, frame) && !((s->words[end] ^ word) & mask))
			end++;
	}
	*size = (end - first) << PAGE_SHIFT;
	return first << PAGE_SHIFT;
}
