/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever is done to the store of page states in whatever order, it answers as a plain array does;
 * and a unit is one word exactly while its pages are equal: it is never split for nothing, and no
 * change leaves it so. A long run: as in model-rmp.c.
 *
 * RUN: clang @%build/lists/flags-native -fsanitize=fuzzer %s -o %t
 * RUN: %t -seed=1 -runs=1500 -max_len=512 -len_control=0 -artifact_prefix=%t- 2>&1
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "../../monitor/hardware/page_state.c"

#define UNITS 3
#define PAGES (UNITS * 512 + 9) /* the last 2M is not whole */

static u32 memory[PAGE_STATE_WORDS(PAGES)];
static struct page_states states;
static u32 plain[PAGES];

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct operation {
	u8 what;  /* bits 0-1: which; bit 2, 3: start, end at the edge of a unit */
	u8 clear; /* as masks of a word's low bits: few words, so that pages meet again */
	u8 set;
	u8 more; /* of the count */
	u16 frame;
	u16 count;
};

static u32 word_of(u8 bits) { return (bits & 3) | (u32)(bits & 4) << 28; }

static void do_change(u64 frame, u64 count, u32 clear, u32 set)
{
	page_state_change(&states, frame, count, clear, set);
	for (u64 i = frame; i < frame + count; i++)
		plain[i] = (plain[i] & ~clear) | set;
}

static void do_clear(u64 frame, u64 count, u32 flags)
{
	page_state_clear(&states, frame * PAGE_SIZE, count * PAGE_SIZE, flags);
	for (u64 i = frame; i < frame + count && i < PAGES; i++)
		plain[i] &= ~flags;
}

static u64 find(u64 frame, u64 count, u32 mask)
{
	for (u64 i = frame; i < frame + count; i++)
		if (plain[i] & mask)
			return i;
	return frame + count;
}

static bool equal(u64 frame, u64 count, u32 mask)
{
	for (u64 i = frame; i < frame + count; i++)
		if ((plain[i] ^ plain[frame]) & mask)
			return false;
	return true;
}

static void ask(u64 frame, u64 count, u32 mask)
{
	u64 head = frame & ~U64_C(511), run = page_state_run(&states, frame, count);

	assert(run && run <= count && frame + run <= head + 512);
	assert(equal(frame, run, ~0U));
	assert(run == count || frame + run == head + 512 || !equal(frame, run + 1, ~0U));
	assert(page_state_find(&states, frame, count, mask) == find(frame, count, mask));
	assert(page_state_equal(&states, frame, count, mask) == equal(frame, count, mask));
	assert(page_state_equal_2m(&states, frame, mask) ==
	       (head + 512 <= PAGES && equal(head, 512, mask)));
}

static void ask_around(u64 frame, u32 mask)
{
	u64 size, first = page_state_around(&states, (frame << PAGE_SHIFT) + 8, mask, &size);
	u64 head = frame & ~U64_C(511), end = head + 512 < PAGES ? head + 512 : PAGES;

	first >>= PAGE_SHIFT;
	size >>= PAGE_SHIFT;
	assert(head <= first && first <= frame && frame < first + size && first + size <= end);
	assert(equal(first, size, mask));
	assert(first == head || !equal(first - 1, 2, mask));
	assert(first + size == end || !equal(first + size - 1, 2, mask));
}

static void compare(void)
{
	for (u64 i = 0; i < PAGES; i++)
		assert(page_state_get(&states, i) == plain[i]);
	assert(!page_state_get(&states, PAGES) && !page_state_get(&states, ~U64_C(0)));
	for (u64 head = 0; head < PAGES; head += 512) {
		u64 count = PAGES - head < 512 ? PAGES - head : 512;

		assert(!states.units[head / 512].others == equal(head, count, ~0U));
	}
}

static void apply(struct operation op)
{
	u64 frame = op.frame % PAGES, count = 1 + op.count % (op.more & 1 ? PAGES : 4);
	u32 clear = op.clear & 0x80 ? ~0U : word_of(op.clear);

	if (op.what & 4)
		frame &= ~U64_C(511);
	if (op.what & 8)
		count = (count | 511) + 1;
	assert(page_state_has(&states, frame, count) == (frame + count <= PAGES));
	if ((op.what & 3) == 3)
		do_clear(frame, count, clear);
	if (count > PAGES - frame)
		count = PAGES - frame;
	if ((op.what & 3) < 3)
		do_change(frame, count, clear, word_of(op.set));
	ask(frame, count, word_of(op.set));
	ask_around(frame, word_of(op.set));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	memset(memory, (int)size, sizeof(memory)); /* memory comes as it is */
	memset(plain, 0, sizeof(plain));
	page_state_init(&states, memory, PAGES);
	for (; size >= sizeof(struct operation); size -= sizeof(struct operation)) {
		struct operation op;

		memcpy(&op, data, sizeof(op));
		data += sizeof(op);
		apply(op);
		compare();
	}
	return 0;
}
