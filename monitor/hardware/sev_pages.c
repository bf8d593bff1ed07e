/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See sev_pages.h.
 */
#include "monitor/hardware/sev_pages.h"

#include "lib/compiler.h"

#define UNIT_SPLIT 0x80 /* of a unit: its pages have flags of their own */

static u8 state_of(const struct sev_pages *pages, u64 frame)
{
	u8 unit = pages->units[frame / SEV_UNIT_PAGES];

	return unit & UNIT_SPLIT ? pages->flags[frame] : unit;
}

static void state_split(struct sev_pages *pages, u64 unit)
{
	u64 first = unit * SEV_UNIT_PAGES;

	for (u64 i = first; i < first + SEV_UNIT_PAGES && i < pages->page_count; i++)
		pages->flags[i] = pages->units[unit];
	pages->units[unit] = UNIT_SPLIT;
}

static void state_set(struct sev_pages *pages, u64 frame, u8 flags)
{
	if (state_of(pages, frame) == flags)
		return;
	if (!(pages->units[frame / SEV_UNIT_PAGES] & UNIT_SPLIT))
		state_split(pages, frame / SEV_UNIT_PAGES);
	pages->flags[frame] = flags;
}

void sev_pages_init(struct sev_pages *pages, u8 *memory, u64 page_count)
{
	u64 units = sev_unit_count(page_count);

	*pages = (struct sev_pages){ memory, memory + units, page_count };
	for (u64 i = 0; i < units; i++)
		pages->units[i] = 0;
}

u8 sev_pages_flags(const struct sev_pages *pages, u64 gpa)
{
	u64 frame = gpa >> PAGE_SHIFT;

	return frame < pages->page_count ? state_of(pages, frame) : 0;
}

/* Whether a whole unit begins at @frame and ends by @end. */
static bool is_unit(u64 frame, u64 end)
{
	return is_aligned(frame, SEV_UNIT_PAGES) && end - frame >= SEV_UNIT_PAGES;
}

int sev_pages_assign(struct sev_pages *pages, u64 gpa, u64 size, u8 flags)
{
	u64 frame = gpa >> PAGE_SHIFT, count = size >> PAGE_SHIFT, end = frame + count;

	if (!is_aligned(gpa, PAGE_SIZE) || !is_aligned(size, PAGE_SIZE))
		return -E_INVAL;
	if (frame > pages->page_count || count > pages->page_count - frame)
		return -E_RANGE;
	while (frame < end) {
		if (is_unit(frame, end)) {
			pages->units[frame / SEV_UNIT_PAGES] = flags;
			frame += SEV_UNIT_PAGES;
		} else {
			state_set(pages, frame++, flags);
		}
	}
	return 0;
}

bool sev_pages_use(struct sev_pages *pages, u64 gpa, bool shared)
{
	u64 frame = gpa >> PAGE_SHIFT;
	u8 flags;

	if (frame >= pages->page_count)
		return false;
	flags = state_of(pages, frame);
	if (!(flags & SEV_PAGE_SHARED) == !shared)
		return false;
	flags ^= SEV_PAGE_SHARED;
	if (!(flags & SEV_PAGE_KEPT))
		flags |= SEV_PAGE_POISON;
	state_set(pages, frame, flags);
	return true;
}

int sev_pages_tell(struct sev_pages *pages, u64 gpa, u64 page_count, bool private)
{
	u64 frame = gpa >> PAGE_SHIFT;

	if (frame > pages->page_count || page_count > pages->page_count - frame)
		return -E_RANGE;
	for (u64 i = frame; i < frame + page_count; i++) {
		u8 flags = state_of(pages, i) & (u8)~SEV_PAGE_TOLD;

		state_set(pages, i, private ? flags : flags | SEV_PAGE_TOLD);
	}
	return 0;
}

bool sev_pages_is_as_told(const struct sev_pages *pages, u64 gpa)
{
	u8 flags = sev_pages_flags(pages, gpa);

	return flags & SEV_PAGE_KEPT || !(flags & SEV_PAGE_SHARED) == !(flags & SEV_PAGE_TOLD);
}

bool sev_pages_is_uniform_2m(const struct sev_pages *pages, u64 gpa)
{
	u64 first = align_down(gpa, (u64)PAGE_2M_SIZE) >> PAGE_SHIFT;

	if (first >= pages->page_count || pages->page_count - first < SEV_UNIT_PAGES)
		return false;
	if (!(pages->units[first / SEV_UNIT_PAGES] & UNIT_SPLIT))
		return true;
	for (u64 i = 1; i < SEV_UNIT_PAGES; i++)
		if (pages->flags[first + i] != pages->flags[first])
			return false;
	return true;
}

void sev_pages_poisoned(struct sev_pages *pages, u64 gpa, u64 size)
{
	u64 frame = gpa >> PAGE_SHIFT, end = (gpa + size) >> PAGE_SHIFT;

	if (end > pages->page_count)
		end = pages->page_count;
	while (frame < end) {
		u8 *unit = &pages->units[frame / SEV_UNIT_PAGES];

		if (is_unit(frame, end) && !(*unit & UNIT_SPLIT)) {
			*unit &= (u8)~SEV_PAGE_POISON;
			frame += SEV_UNIT_PAGES;
		} else {
			state_set(pages, frame, state_of(pages, frame) & (u8)~SEV_PAGE_POISON);
			frame++;
		}
	}
}
