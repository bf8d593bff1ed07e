/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See sev_pages.h.
 */
#include "monitor/model/sev_pages.h"

#include "lib/compiler.h"

#define PAGES_PER_2M (PAGE_2M_SIZE / PAGE_SIZE)

static u8 *find(const struct sev_pages *pages, u64 gpa)
{
	u64 frame = gpa >> PAGE_SHIFT;

	return frame < pages->page_count ? &pages->flags[frame] : NULL;
}

void sev_pages_init(struct sev_pages *pages, u8 *flags, u64 page_count)
{
	*pages = (struct sev_pages){ .flags = flags, .page_count = page_count };
	for (u64 i = 0; i < page_count; i++)
		flags[i] = 0;
}

u8 sev_pages_flags(const struct sev_pages *pages, u64 gpa)
{
	const u8 *flags = find(pages, gpa);

	return flags ? *flags : 0;
}

int sev_pages_assign(struct sev_pages *pages, u64 gpa, u64 size, u8 flags)
{
	u64 first = gpa >> PAGE_SHIFT, count = size >> PAGE_SHIFT;

	if (!is_aligned(gpa, PAGE_SIZE) || !is_aligned(size, PAGE_SIZE))
		return -E_INVAL;
	if (first > pages->page_count || count > pages->page_count - first)
		return -E_RANGE;
	for (u64 i = 0; i < count; i++)
		pages->flags[first + i] = flags;
	return 0;
}

bool sev_pages_use(struct sev_pages *pages, u64 gpa, bool shared)
{
	u8 *flags = find(pages, gpa);

	if (!flags || !(*flags & SEV_PAGE_SHARED) == !shared)
		return false;
	*flags ^= SEV_PAGE_SHARED;
	if (!(*flags & SEV_PAGE_KEPT))
		*flags |= SEV_PAGE_POISON;
	return true;
}

bool sev_pages_is_uniform_2m(const struct sev_pages *pages, u64 gpa)
{
	u64 first = align_down(gpa, (u64)PAGE_2M_SIZE) >> PAGE_SHIFT;

	if (first >= pages->page_count || pages->page_count - first < PAGES_PER_2M)
		return false;
	for (u64 i = 1; i < PAGES_PER_2M; i++)
		if (pages->flags[first + i] != pages->flags[first])
			return false;
	return true;
}

void sev_pages_poisoned(struct sev_pages *pages, u64 gpa, u64 size)
{
	for (u64 p = gpa; p < gpa + size; p += PAGE_SIZE) {
		u8 *flags = find(pages, p);

		if (flags)
			*flags &= (u8)~SEV_PAGE_POISON;
	}
}
