/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: a record for each unit, 2 bits for each page of a mixed one.
 */
#include "mm/page_states.h"

#include "lib/panic.h"
#include "lib/spinlock.h"
#include "lib/string.h"

#define WORD_PAGES 32 /* of 2 bits */

struct unit {
	u16 free_count; /* of pages */
	u16 state;
};

struct unit_pages {
	u64 word[UNIT_PAGES / WORD_PAGES];
};

static struct spinlock states_lock;
static struct unit *units;
static struct unit_pages *mixed;
static u64 unit_count;

static u64 units_bytes(u64 limit)
{
	return align_up(units_of(limit) * sizeof(struct unit), (u64)PAGE_SIZE);
}

u64 page_states_size(u64 limit)
{
	return units_bytes(limit) +
	       align_up(units_of(limit) * sizeof(struct unit_pages), (u64)PAGE_SIZE);
}

void page_states_init(void *metadata, u64 limit)
{
	units = metadata;
	mixed = (void *)((char *)metadata + units_bytes(limit));
	unit_count = units_of(limit);
	memset(units, 0, unit_count * sizeof(struct unit));
}

u64 page_states_limit(void) { return unit_count; }

void page_states_lock(void) { spin_lock(&states_lock); }

void page_states_unlock(void) { spin_unlock(&states_lock); }

enum page_state unit_state(u64 unit) { return units[unit].state; }

unsigned int unit_free_pages(u64 unit) { return units[unit].free_count; }

void unit_set_state(u64 unit, enum page_state state)
{
	units[unit] = (struct unit){ state == PAGE_FREE ? UNIT_PAGES : 0, (u16)state };
}

/* Every page of a word in @state. */
static u64 word_of(enum page_state state) { return state * U64_C(0x5555555555555555); }

/* The bits of those of pages [first, end) of a unit that are in word @w. */
static u64 word_mask(unsigned int w, unsigned int first, unsigned int end)
{
	unsigned int low = w * WORD_PAGES, high = low + WORD_PAGES;

	low = first > low ? first : low;
	high = end < high ? end : high;
	return bits_mask(2 * (high - low)) << 2 * (low % WORD_PAGES);
}

/* Pages [first, end) of one unit. */
struct part {
	u64 unit;
	unsigned int first, end;
};

static bool part_is(struct part p, enum page_state state)
{
	const u64 *word = mixed[p.unit].word;

	if (units[p.unit].state != UNIT_MIXED)
		return units[p.unit].state == state;
	for (unsigned int w = p.first / WORD_PAGES; w * WORD_PAGES < p.end; w++)
		if ((word[w] ^ word_of(state)) & word_mask(w, p.first, p.end))
			return false;
	return true;
}

static void split(u64 unit)
{
	if (units[unit].state == UNIT_MIXED)
		return;
	CHECK(units[unit].state < UNIT_MIXED);
	for (unsigned int w = 0; w < UNIT_PAGES / WORD_PAGES; w++)
		mixed[unit].word[w] = word_of(units[unit].state);
	units[unit].state = UNIT_MIXED;
}

static void part_set(struct part p, enum page_state from, enum page_state to)
{
	struct unit *unit = &units[p.unit];
	unsigned int count = p.end - p.first;
	u64 *word = mixed[p.unit].word;

	if (count == UNIT_PAGES) {
		unit_set_state(p.unit, to);
		return;
	}
	split(p.unit);
	for (unsigned int w = p.first / WORD_PAGES; w * WORD_PAGES < p.end; w++) {
		u64 mask = word_mask(w, p.first, p.end);

		word[w] = (word[w] & ~mask) | (word_of(to) & mask);
	}
	unit->free_count += to == PAGE_FREE ? count : 0;
	unit->free_count -= from == PAGE_FREE ? count : 0;
	if (unit->free_count == UNIT_PAGES)
		unit->state = PAGE_FREE;
}

/* The part of [at, end) that is in the first unit. */
static struct part part_at(u64 at, u64 end)
{
	u64 unit = at / PAGE_2M_SIZE, next = (unit + 1) * PAGE_2M_SIZE;

	return (struct part){ unit, (unsigned int)(at % PAGE_2M_SIZE / PAGE_SIZE),
			      next <= end ? UNIT_PAGES
					  : (unsigned int)(end % PAGE_2M_SIZE / PAGE_SIZE) };
}

static u64 part_end(struct part p) { return p.unit * PAGE_2M_SIZE + (u64)p.end * PAGE_SIZE; }

static bool are_in(u64 start, u64 end, enum page_state state)
{
	if (end < start || end > unit_count * PAGE_2M_SIZE)
		return false;
	for (u64 at = start; at < end; at = part_end(part_at(at, end)))
		if (!part_is(part_at(at, end), state))
			return false;
	return true;
}

int page_states_move(u64 start, u64 size, enum page_state from, enum page_state to)
{
	u64 end = start + size;

	CHECK(is_aligned(start | size, (u64)PAGE_SIZE) && to < UNIT_MIXED);
	if (!are_in(start, end, from))
		return -E_INVAL;
	for (u64 at = start; at < end; at = part_end(part_at(at, end)))
		part_set(part_at(at, end), from, to);
	return 0;
}

bool page_states_are_used(pa_t start, u64 size)
{
	bool used;

	page_states_lock();
	used = are_in(align_down(start.value, (u64)PAGE_SIZE),
		      align_up(start.value + size, (u64)PAGE_SIZE), PAGE_USED);
	page_states_unlock();
	return used;
}

const char *page_states_what(u64 start, u64 size, enum page_state state)
{
	static const char *const names[] = { "not handed out", "free", "in use", "shared" };
	u64 at = start, end = start + size;

	while (at < end && are_in(at, at + PAGE_SIZE, state))
		at += PAGE_SIZE;
	for (unsigned int i = 0; i < array_count(names); i++)
		if (are_in(at, at + PAGE_SIZE, (enum page_state)i))
			return names[i];
	return "no page of ours";
}

static bool has_free(u64 word) { return word & ~(word >> 1) & word_of(PAGE_FREE); }

int unit_find_free(u64 unit, unsigned int count)
{
	if (units[unit].state != UNIT_MIXED)
		return units[unit].state == PAGE_FREE ? 0 : -E_NOMEM;
	for (unsigned int first = 0; first < UNIT_PAGES; first += count) {
		if (count <= WORD_PAGES && first % WORD_PAGES == 0 &&
		    !has_free(mixed[unit].word[first / WORD_PAGES]))
			first += WORD_PAGES - count;
		else if (part_is((struct part){ unit, first, first + count }, PAGE_FREE))
			return (int)first;
	}
	return -E_NOMEM;
}
