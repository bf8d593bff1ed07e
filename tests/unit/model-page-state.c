/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A 2M of equal pages is one word in the store of page states, whose pages' own are not written,
 * and it becomes one again whichever way its pages become equal.
 * RUN: %unit-cc %s -o %t
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "../../monitor/hardware/page_state.c"

#define PAGES (4 * PAGES_PER_2M + 7) /* the last 2M is not whole */
#define LAST  (PAGES - 1)
#define DIRTY 0xa5a5a5a5

static u32 memory[PAGE_STATE_WORDS(PAGES)];
static struct page_states states;

static void setup(void)
{
	memset(memory, DIRTY & 0xff, sizeof(memory));
	page_state_init(&states, memory, PAGES);
}

static bool whole(u64 unit) { return !states.units[unit].others; }

static void change(u64 frame, u64 count, u32 word)
{
	page_state_change(&states, frame, count, ~0U, word);
}

static void test_written(void)
{
	setup();
	assert(page_state_size(PAGES) == sizeof(memory));
	change(PAGES_PER_2M, 2 * PAGES_PER_2M, 1);
	page_state_change(&states, 0, PAGES, 0, 2);
	page_state_clear(&states, 0, (u64)PAGES << PAGE_SHIFT, 1);
	for (u64 i = 0; i < PAGES; i++)
		assert(page_state_get(&states, i) == 2 && states.words[i] == DIRTY);
	change(LAST, 1, 3);
	assert(page_state_get(&states, LAST) == 3 && page_state_get(&states, LAST - 1) == 2);
	for (u64 i = 0; i < PAGES; i++)
		assert((states.words[i] == DIRTY) == (i < 4 * PAGES_PER_2M));
}

/* One page there and back; each page in turn, up or down; by one change of all. */
static void test_joined(void)
{
	setup();
	change(5, 1, 1);
	assert(!whole(0) && whole(1));
	change(5, 1, 0);
	assert(whole(0));
	for (u64 i = 0; i < PAGES_PER_2M; i++) {
		change(i, 1, 1);
		assert(whole(0) == (i == PAGES_PER_2M - 1));
	}
	for (u64 i = PAGES_PER_2M; i-- > 0;) {
		change(i, 1, 2);
		assert(whole(0) == (i == 0));
	}
	change(3, 200, 4);
	page_state_change(&states, 0, PAGES_PER_2M, 6, 1);
	assert(whole(0) && page_state_get(&states, 3) == 1);
	for (u64 i = 4 * PAGES_PER_2M; i < PAGES; i++)
		change(i, 1, 7);
	assert(whole(4) && page_state_get(&states, LAST) == 7 && !page_state_get(&states, PAGES));
}

static u64 told, told_count;

static void tell(const struct page_states *s, u64 frame, u64 count, u32 old, u32 word)
{
	assert(s == &states && old == 1 && word == 3);
	told = frame;
	told_count += count;
}

/* Who asks for it is told of what changes, once, and of nothing else. */
static void test_told(void)
{
	setup();
	change(4, 600, 1);
	page_state_changed = tell;
	page_state_change(&states, 4, 600, 0, 2);
	assert(told_count == 600 && told == PAGES_PER_2M);
	page_state_change(&states, 4, 600, 0, 2);
	assert(told_count == 600);
	page_state_changed = NULL;
	change(4, 600, 7);
	assert(told_count == 600);
}

int main(void)
{
	test_told();
	test_written();
	test_joined();
	return 0;
}
