/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever takes a mapping away tells those who keep what a page's state was, of its 2M and of no
 * other, whether the page was mapped or not; a new mapping tells nobody. A walk of all mappings
 * shows what it splits itself.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "../../monitor/svm/npt.c"

#define GPA    U64_C(0x40600000)
#define MEMORY U64_C(0x100000000)

struct guest guest;
unsigned int host_levels = 5;
static struct npt npt = { .alias_bit = BIT(51) };
static u64 since;

void panic(const char *fmt, ...)
{
	(void)fmt;
	abort();
}

void *memory_alloc_dirty(u64 size) { return aligned_alloc(PAGE_SIZE, size); }

static bool is_changed(u64 gpa)
{
	assert(npt_changed_since(&npt, gpa, since) ==
	       npt_changed_since(&npt, gpa | npt.alias_bit, since));
	return npt_changed_since(&npt, gpa, since);
}

/* The 2M at GPA and what lies in it alone, since the last look. */
static bool only_here(void)
{
	bool good = is_changed(GPA) && is_changed(GPA + PAGE_2M_SIZE - 1) && !is_changed(GPA - 1) &&
		    !is_changed(GPA + PAGE_2M_SIZE);

	since = npt.changes;
	return good && !is_changed(GPA);
}

static bool nothing(void) { return since == npt.changes && !is_changed(GPA); }

static bool everything(void)
{
	bool good = true;

	for (u64 gpa = 0; gpa < MEMORY; gpa += PAGE_2M_SIZE)
		good &= is_changed(gpa);
	since = npt.changes;
	return good;
}

static bool clear_none(void *context, u64 gpa, u64 *entries, unsigned int count)
{
	(void)context, (void)gpa, (void)entries, (void)count;
	return false;
}

static unsigned int tables_shown;

/* Takes a page out of each 2M that it is shown. */
static bool take_page(void *context, u64 gpa, u64 *entries, unsigned int count)
{
	if (count == 1)
		npt_unmap(context, gpa, PAGE_SIZE);
	else
		tables_shown += !entries[0] && entries[1];
	return false;
}

static void visit_what_it_splits(void)
{
	u64 host;

	npt_map(&npt, NPT_PRIVATE, GPA, GPA, PAGE_2M_SIZE, true, true);
	npt_visit(&npt, take_page, &npt);
	assert(tables_shown == 1 && !npt_find(&npt, NPT_PRIVATE, GPA, false, &host));
	npt_unmap(&npt, GPA, PAGE_2M_SIZE);
	since = npt.changes;
}

int main(void)
{
	npt_init_tables(MEMORY);
	npt_init(&npt);
	visit_what_it_splits();
	npt_unmap(&npt, GPA + PAGE_SIZE, PAGE_SIZE); /* never mapped */
	assert(only_here());
	npt_map(&npt, NPT_PRIVATE, GPA, GPA, PAGE_2M_SIZE, true, true);
	assert(nothing());
	npt_unmap_lazily(&npt, GPA + PAGE_SIZE, PAGE_SIZE);
	assert(only_here());
	npt_unmap(&npt, GPA, PAGE_2M_SIZE);
	assert(only_here());
	npt_map(&npt, NPT_SHARED, GPA, GPA, PAGE_SIZE, true, true);
	assert(nothing());
	npt_unmap_shared(&npt, GPA);
	assert(only_here());
	npt_unmap(&npt, GPA + PAGE_2M_SIZE - PAGE_SIZE, 2 * PAGE_SIZE);
	assert(is_changed(GPA) && is_changed(GPA + PAGE_2M_SIZE) && !is_changed(GPA - 1));
	npt_unmap(&npt, GPA, MEMORY);
	assert(everything());
	npt_visit(&npt, clear_none, NULL);
	assert(everything());
	npt_drop(&npt);
	assert(everything() && nothing());
	return 0;
}
