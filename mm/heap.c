/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A range with a mark that moves.
 */
#include "mm/heap.h"

#include "lib/panic.h"
#include "lib/spinlock.h"
#include "mm/accept.h"
#include "mm/page_states.h"

static struct spinlock heap_lock;
static u64 heap_start, heap_size, heap_used;

void heap_init(pa_t start, u64 size)
{
	heap_start = start.value;
	heap_size = size;
	heap_used = 0;
}

static void *move_mark(s64 bytes)
{
	u64 old_end = heap_start + heap_used;

	if (bytes < 0 ? -(u64)bytes > heap_used : (u64)bytes > heap_size - heap_used)
		return NULL;
	heap_used += (u64)bytes;
	return pa_ptr(pa(old_end));
}

/* Units stay the heap's, also when the mark goes back. */
static void take(u64 start, u64 size)
{
	page_states_lock();
	for (u64 unit = start / PAGE_2M_SIZE; unit < units_of(start + size); unit++)
		if (unit_state(unit) == UNIT_ACCEPTED)
			unit_set_state(unit, PAGE_USED);
	page_states_unlock();
}

/* What is given back is given out again. */
static void check_private(u64 bytes)
{
	CHECK(bytes > heap_used || page_states_are_used(pa(heap_start + heap_used - bytes), bytes));
}

/* What lies below the mark is one caller's: nobody has to wait until it is accepted. */
void *heap_grow(s64 bytes)
{
	void *before;

	spin_lock(&heap_lock);
	if (bytes < 0)
		check_private(-(u64)bytes);
	before = move_mark(bytes);
	spin_unlock(&heap_lock);
	if (before && bytes > 0) {
		accept_range(pa_of(before), (u64)bytes);
		take(pa_of(before).value, (u64)bytes);
	}
	return before;
}

u64 heap_size_max(void) { return heap_size; }
