/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See trace_buffer.h. Under the monitor's one lock, but for the end of a run.
 */
#include "monitor/machine/trace_buffer.h"

#include "abi/exit_code.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "monitor/machine/memory.h"

#define SIZE  (4 << 20) /* some 40,000 lines */
#define PIECE 64

static char *buffer;
static u64 written, sent; /* bytes in all; what lies between is at % SIZE */
static u64 piece_ticks;   /* what the last piece took */
static u64 idle_since;    /* TSC when the last piece was out */

void trace_buffer_init(void) { buffer = memory_alloc_dirty(SIZE); }

bool trace_buffer_is_empty(void) { return sent == written; }

/* As much of @size bytes at @position as comes before the buffer's end. */
static u64 in_one(u64 position, u64 size)
{
	u64 left = SIZE - position % SIZE;

	return size < left ? size : left;
}

bool trace_buffer_drain(void)
{
	u64 start = rdtsc(), count = written - sent;

	if (!count)
		return false;
	count = in_one(sent, count < PIECE ? count : PIECE);
	outsb(PORT_TRANSCRIPT, buffer + sent % SIZE, count);
	sent += count;
	idle_since = rdtsc();
	piece_ticks = idle_since - start;
	return true;
}

void trace_buffer_write(const char *text, size_t size)
{
	while (SIZE - (written - sent) < size)
		trace_buffer_drain();
	for (u64 count; size; size -= count, text += count, written += count) {
		count = in_one(written, size);
		memcpy(buffer + written % SIZE, text, count);
	}
}

/* A piece at a time does not fit between two exits of a busy guest: idle time adds up. */
void trace_buffer_pace(void)
{
	u64 now = rdtsc(), due = now - idle_since;

	while (rdtsc() - now + piece_ticks <= due && trace_buffer_drain())
		;
}
