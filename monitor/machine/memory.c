/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See memory.h. A bump allocator: what the monitor needs is known before the guest starts.
 */
#include "monitor/machine/memory.h"

#include "lib/compiler.h"
#include "lib/log.h"
#include "lib/string.h"
#include "monitor/machine/end.h"
#include "monitor/machine/move.h"

static u64 block_low __kept, block_high __kept, next __kept;
static bool is_guarded;

void memory_init(const struct memmap *map)
{
	for (unsigned int i = 0; i < map->count; i++) {
		const struct hvm_memmap_entry *e = &map->entries[i];

		if (e->type == HVM_MEMMAP_RAM && e->addr + e->size <= U64_C(1) << 32 &&
		    e->size > block_high - block_low) {
			block_low = align_up(e->addr, (u64)PAGE_SIZE);
			block_high = align_down(e->addr + e->size, (u64)PAGE_SIZE);
		}
	}
	next = block_high;
}

void memory_guard(void) { is_guarded = true; }

static void fill(u64 start, u64 end)
{
	for (u64 *word = (u64 *)start; word < (u64 *)end; word++)
		*word = MEMORY_CANARY;
}

void memory_guard_to(u64 low)
{
	if (is_guarded)
		fill(low, next);
}

static void *take(u64 size)
{
	if (next - block_low < size) {
		log_error("cannot run: the machine has too little memory: %lu KiB more are wanted",
			  align_up(size - (next - block_low), (u64)1024) >> 10);
		end_run(EXIT_CODE_CANNOT_RUN);
	}
	next -= size;
	return (void *)(uintptr_t)next;
}

void *memory_alloc_dirty(u64 size)
{
	if (is_guarded) {
		u64 guard = (u64)take(PAGE_SIZE);

		fill(guard, guard + PAGE_SIZE);
	}
	return take(align_up(size, (u64)PAGE_SIZE));
}

void *memory_alloc(u64 size)
{
	return memset(memory_alloc_dirty(size), 0, align_up(size, (u64)PAGE_SIZE));
}

bool memory_has(u64 size)
{
	u64 guards = is_guarded ? PAGE_SIZE : 0;

	return size <= next - block_low &&
	       align_up(size, (u64)PAGE_SIZE) + guards <= next - block_low;
}

u64 memory_low(void) { return next; }

u64 memory_high(void) { return block_high; }
