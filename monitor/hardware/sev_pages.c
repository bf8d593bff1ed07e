/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See sev_pages.h.
 */
#include "monitor/hardware/sev_pages.h"

#include "lib/compiler.h"

void sev_pages_init(struct sev_pages *pages, u32 *words, u64 page_count)
{
	page_state_init(&pages->pages, words, page_count);
}

u32 sev_pages_flags(const struct sev_pages *pages, u64 gpa)
{
	return page_state_get(&pages->pages, page_state_frame(gpa));
}

int sev_pages_assign(struct sev_pages *pages, u64 gpa, u64 size, u32 flags)
{
	u64 frame = page_state_frame(gpa), count = page_state_frame(size);

	if (!is_aligned(gpa | size, PAGE_SIZE))
		return -E_INVAL;
	if (!page_state_has(&pages->pages, frame, count))
		return -E_RANGE;
	page_state_change(&pages->pages, frame, count, ~0U, flags);
	return 0;
}

bool sev_pages_use(struct sev_pages *pages, u64 gpa, bool shared)
{
	u32 flags = sev_pages_flags(pages, gpa);

	if (!page_state_has(&pages->pages, page_state_frame(gpa), 1) ||
	    !(flags & SEV_PAGE_SHARED) == !shared)
		return false;
	flags ^= SEV_PAGE_SHARED;
	if (!(flags & SEV_PAGE_KEPT))
		flags |= SEV_PAGE_POISON;
	page_state_change(&pages->pages, page_state_frame(gpa), 1, ~0U, flags);
	return true;
}

u64 sev_pages_share(struct sev_pages *pages, u64 gpa, u64 page_count, bool *used)
{
	u64 frame = page_state_frame(gpa), run = page_state_run(&pages->pages, frame, page_count);
	u32 flags = sev_pages_flags(pages, gpa);
	u32 poison = flags & SEV_PAGE_KEPT ? 0 : SEV_PAGE_POISON;

	*used = !(flags & SEV_PAGE_SHARED);
	if (*used)
		page_state_change(&pages->pages, frame, run, 0, SEV_PAGE_SHARED | poison);
	return run;
}

bool sev_pages_has(const struct sev_pages *pages, u64 gpa, u64 page_count)
{
	return page_state_has(&pages->pages, page_state_frame(gpa), page_count);
}

void sev_pages_tell(struct sev_pages *pages, u64 gpa, u64 page_count, bool private)
{
	page_state_change(&pages->pages, page_state_frame(gpa), page_count,
			  SEV_PAGE_TOLD | SEV_PAGE_BACK, private ? 0 : SEV_PAGE_TOLD);
}

void sev_pages_back(struct sev_pages *pages, u64 gpa, u64 page_count)
{
	u64 frame = page_state_frame(gpa), end = frame + page_count, run;

	for (;; frame += run) {
		frame = page_state_find(&pages->pages, frame, end - frame, SEV_PAGE_SHARED);
		if (frame == end)
			return;
		run = page_state_run(&pages->pages, frame, end - frame);
		page_state_change(&pages->pages, frame, run, 0, SEV_PAGE_BACK);
	}
}

bool sev_pages_was_back(struct sev_pages *pages, u64 gpa)
{
	bool back = sev_pages_flags(pages, gpa) & SEV_PAGE_BACK;

	if (back)
		page_state_change(&pages->pages, page_state_frame(gpa), 1, SEV_PAGE_BACK, 0);
	return back;
}

bool sev_pages_is_as_told(const struct sev_pages *pages, u64 gpa)
{
	u32 flags = sev_pages_flags(pages, gpa);

	return flags & SEV_PAGE_KEPT || !(flags & SEV_PAGE_SHARED) == !(flags & SEV_PAGE_TOLD);
}

u64 sev_pages_alike(const struct sev_pages *pages, u64 gpa, u64 *size)
{
	return page_state_around(&pages->pages, gpa, ~0U, size);
}

void sev_pages_poisoned(struct sev_pages *pages, u64 gpa, u64 size)
{
	page_state_clear(&pages->pages, gpa, size, SEV_PAGE_POISON);
}
