/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of an SEV guest is to be poisoned each time that it is used through the other alias than
 * before, and at no other time; firmware's own pages never are. What the guest tells of a page is
 * kept beside that.
 * RUN: %unit-cc %s -o %t
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "../../monitor/hardware/page_state.c"
#include "../../monitor/hardware/sev_pages.c"

#define COUNT 1100
#define PAGE  U64_C(0x5000)
#define FIRST U64_C(0x200000)
#define END   ((u64)COUNT << PAGE_SHIFT)

static u32 table[PAGE_STATE_WORDS(COUNT)];
static struct sev_pages pages;

static bool is_uniform_2m(u64 gpa)
{
	u64 size;

	return sev_pages_alike(&pages, gpa, &size) <= gpa && size == PAGE_2M_SIZE;
}

static void test_use(void)
{
	assert(!sev_pages_use(&pages, PAGE, false) && !sev_pages_flags(&pages, PAGE));
	assert(sev_pages_use(&pages, PAGE + 8, true));
	assert(sev_pages_flags(&pages, PAGE) == (SEV_PAGE_SHARED | SEV_PAGE_POISON));
	sev_pages_poisoned(&pages, PAGE, PAGE_SIZE);
	assert(!sev_pages_use(&pages, PAGE, true));
	assert(sev_pages_flags(&pages, PAGE) == SEV_PAGE_SHARED);
	assert(sev_pages_use(&pages, PAGE, false));
	assert(sev_pages_flags(&pages, PAGE) == SEV_PAGE_POISON);
	/* its neighbours are as they were */
	assert(!sev_pages_flags(&pages, PAGE - 1) && !sev_pages_flags(&pages, PAGE + PAGE_SIZE));
}

/* What the host is told changes nothing but its books. */
static void test_told(void)
{
	sev_pages_init(&pages, table, COUNT);
	assert(sev_pages_is_as_told(&pages, PAGE) && sev_pages_is_as_told(&pages, END));
	sev_pages_tell(&pages, PAGE, 2, false);
	assert(sev_pages_flags(&pages, PAGE) == SEV_PAGE_TOLD);
	assert(!sev_pages_is_as_told(&pages, PAGE) &&
	       !sev_pages_is_as_told(&pages, PAGE + PAGE_SIZE));
	assert(sev_pages_is_as_told(&pages, PAGE - 1));
	assert(sev_pages_is_as_told(&pages, PAGE + 2 * PAGE_SIZE));
	assert(sev_pages_use(&pages, PAGE, true) && sev_pages_is_as_told(&pages, PAGE));
	sev_pages_tell(&pages, 0, COUNT, true);
	assert(!sev_pages_is_as_told(&pages, PAGE) &&
	       sev_pages_is_as_told(&pages, PAGE + PAGE_SIZE));
	assert(sev_pages_flags(&pages, PAGE) == (SEV_PAGE_SHARED | SEV_PAGE_POISON));
	assert(sev_pages_use(&pages, PAGE, false) && sev_pages_is_as_told(&pages, PAGE));
	assert(sev_pages_has(&pages, 0, COUNT) && !sev_pages_has(&pages, 0, COUNT + 1));
	assert(!sev_pages_has(&pages, END, 1));
	assert(!sev_pages_has(&pages, ~U64_C(0), 1));
	assert(!sev_pages_assign(&pages, 0, PAGE_SIZE, SEV_PAGE_KEPT));
	assert(sev_pages_use(&pages, 0, true) && sev_pages_is_as_told(&pages, 0));
}

/* What was shared and is taken back is told of once, and not once it is shared again. */
static void test_back(void)
{
	sev_pages_init(&pages, table, COUNT);
	assert(sev_pages_use(&pages, PAGE, true));
	assert(sev_pages_use(&pages, PAGE + 2 * PAGE_SIZE, true));
	sev_pages_back(&pages, 0, COUNT);
	assert(!sev_pages_was_back(&pages, PAGE + PAGE_SIZE));
	assert(!sev_pages_was_back(&pages, END));
	assert(sev_pages_was_back(&pages, PAGE) && !sev_pages_was_back(&pages, PAGE));
	sev_pages_tell(&pages, 0, COUNT, false);
	assert(!sev_pages_was_back(&pages, PAGE + 2 * PAGE_SIZE));
	sev_pages_back(&pages, PAGE, 1);
	assert(sev_pages_use(&pages, PAGE, false) && sev_pages_was_back(&pages, PAGE));
	sev_pages_back(&pages, PAGE, 0);
}

/* By runs of pages that are alike, as one by one. */
static void test_share(void)
{
	u64 at = FIRST - 2 * PAGE_SIZE, end = FIRST + 8 * PAGE_SIZE, last = 0;
	unsigned int used_count = 0;
	bool used;

	sev_pages_init(&pages, table, COUNT);
	assert(!sev_pages_assign(&pages, FIRST + PAGE_SIZE, PAGE_SIZE, SEV_PAGE_KEPT));
	assert(sev_pages_use(&pages, FIRST + 3 * PAGE_SIZE, true));
	sev_pages_poisoned(&pages, FIRST + 3 * PAGE_SIZE, PAGE_SIZE);
	for (u64 run; at < end; at += run * PAGE_SIZE) {
		run = sev_pages_share(&pages, at, (end - at) >> PAGE_SHIFT, &used);
		used_count += used ? (unsigned int)run : 0;
		last = run;
	}
	assert(at == end && used_count == 9 && last == 4);
	assert(sev_pages_flags(&pages, FIRST - PAGE_SIZE) == (SEV_PAGE_SHARED | SEV_PAGE_POISON));
	assert(sev_pages_flags(&pages, FIRST + PAGE_SIZE) == (SEV_PAGE_SHARED | SEV_PAGE_KEPT));
	assert(sev_pages_flags(&pages, FIRST + 3 * PAGE_SIZE) == SEV_PAGE_SHARED);
	assert(sev_pages_flags(&pages, end - 1) == (SEV_PAGE_SHARED | SEV_PAGE_POISON));
	assert(!sev_pages_flags(&pages, end) && !sev_pages_flags(&pages, FIRST - PAGE_SIZE * 3));
	assert(sev_pages_share(&pages, FIRST, 8, &used) == 1 && !used);
}

static void test_assign(void)
{
	assert(sev_pages_assign(&pages, 1, PAGE_SIZE, 0) == -E_INVAL);
	assert(sev_pages_assign(&pages, 0, 1, 0) == -E_INVAL);
	assert(sev_pages_assign(&pages, END, PAGE_SIZE, 0) == -E_RANGE);
	assert(sev_pages_assign(&pages, PAGE_SIZE, END, 0) == -E_RANGE);
	assert(sev_pages_assign(&pages, PAGE_SIZE, ~U64_C(0) << PAGE_SHIFT, 0) == -E_RANGE);
	assert(!sev_pages_assign(&pages, 0, END, SEV_PAGE_POISON));
	assert(sev_pages_flags(&pages, END - 1) == SEV_PAGE_POISON);
	assert(!sev_pages_assign(&pages, 0, PAGE_SIZE, SEV_PAGE_KEPT));
	assert(sev_pages_use(&pages, 0, true));
	assert(sev_pages_flags(&pages, 0) == (SEV_PAGE_KEPT | SEV_PAGE_SHARED));
	/* what is no memory of the guest's has no state */
	assert(!sev_pages_flags(&pages, END) && !sev_pages_use(&pages, END, true));
	sev_pages_poisoned(&pages, END - PAGE_SIZE, 2 * PAGE_SIZE);
	assert(!sev_pages_flags(&pages, END - 1));
}

static void test_uniform(void)
{
	sev_pages_init(&pages, table, COUNT);
	assert(is_uniform_2m(FIRST + PAGE));
	assert(sev_pages_use(&pages, FIRST + PAGE, true));
	assert(!is_uniform_2m(FIRST) && is_uniform_2m(0));
	for (u64 p = FIRST; p < 2 * FIRST; p += PAGE_SIZE)
		sev_pages_use(&pages, p, true);
	assert(is_uniform_2m(FIRST));
	assert(!is_uniform_2m(2 * FIRST)); /* the table ends inside */
	sev_pages_poisoned(&pages, FIRST, PAGE_2M_SIZE);
	assert(sev_pages_flags(&pages, FIRST + PAGE) == SEV_PAGE_SHARED);
	assert(!sev_pages_assign(&pages, 0, END, SEV_PAGE_POISON));
	sev_pages_poisoned(&pages, FIRST, PAGE_2M_SIZE);
	assert(!sev_pages_flags(&pages, FIRST) && !sev_pages_flags(&pages, 2 * FIRST - 1));
	assert(sev_pages_flags(&pages, FIRST - 1) == SEV_PAGE_POISON);
	assert(sev_pages_flags(&pages, 2 * FIRST) == SEV_PAGE_POISON);
}

int main(void)
{
	memset(table, 0xff, sizeof(table)); /* memory comes as it is */
	sev_pages_init(&pages, table, COUNT);
	assert(page_state_size(COUNT) == sizeof(table));
	test_use();
	test_told();
	test_back();
	test_share();
	test_assign();
	test_uniform();
	return 0;
}
