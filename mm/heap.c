/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A range with a mark that moves.
 */
#include "mm/heap.h"

#include "lib/spinlock.h"
#include "mm/accept.h"

static struct spinlock heap_lock;
static u64 heap_start, heap_size, heap_used;

void heap_init(pa_t start, u64 size)
{
	heap_start = start.value;
	heap_size = size;
	heap_used = 0;
}

static void *grow(s64 bytes)
{
	u64 old_end = heap_start + heap_used;

	if (bytes < 0 ? -(u64)bytes > heap_used : (u64)bytes > heap_size - heap_used)
		return NULL;
	if (bytes > 0)
		accept_range(pa(old_end), (u64)bytes);
	heap_used += (u64)bytes;
	return pa_ptr(pa(old_end));
}

void *heap_grow(s64 bytes)
{
	void *before;

	spin_lock(&heap_lock);
	before = grow(bytes);
	spin_unlock(&heap_lock);
	return before;
}

u64 heap_size_max(void) { return heap_size; }
