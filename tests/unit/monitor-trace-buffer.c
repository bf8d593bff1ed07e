/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transcript's buffer keeps every byte in order, lets the guest have half of the time however
 * slow the console is, and holds no line back that there was time for.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define outsb outsb_of_the_machine
#define rdtsc rdtsc_of_the_machine
#include "lib/cpu.h"
#undef outsb
#undef rdtsc

#define BYTE_TICKS 1000 /* of the console */

static u64 clock_ticks, console_ticks, console_count;
static u8 expected;

static u64 rdtsc(void) { return clock_ticks++; }

static void outsb(u16 port, const void *data, size_t count)
{
	assert(port == 0x406 && count);
	for (size_t i = 0; i < count; i++)
		assert(((const u8 *)data)[i] == expected++);
	console_count += count;
	console_ticks += count * BYTE_TICKS;
	clock_ticks += count * BYTE_TICKS;
}

#include "../../monitor/machine/trace_buffer.c"

void *memory_alloc_dirty(u64 size) { return malloc(size); }

static void put(size_t size)
{
	static u8 next;
	char line[256];

	for (size_t i = 0; i < size; i++)
		line[i] = (char)next++;
	trace_buffer_write(line, size);
}

/* Exits that come faster than their lines go out. */
static void storm(void)
{
	u64 guest_ticks = 0, lines = 10000;

	for (u64 i = 0; i < lines; i++) {
		clock_ticks += 20000;
		guest_ticks += 20000;
		put(100);
		trace_buffer_pace();
	}
	assert(!trace_buffer_is_empty());
	assert(console_ticks <= guest_ticks && console_ticks >= guest_ticks / 2);
}

static void quiet(void)
{
	while (trace_buffer_drain())
		;
	for (u64 i = 0; i < 100; i++) {
		clock_ticks += 10000000;
		put(100);
		trace_buffer_pace();
		assert(trace_buffer_is_empty());
	}
}

/* More than there is room for: it waits for the console, and nothing is lost. */
static void full(void)
{
	u64 before = console_count;

	for (u64 i = 0; i < 2 * SIZE / 200; i++)
		put(200);
	assert(console_count - before >= SIZE - 200);
	while (trace_buffer_drain())
		;
	assert(console_count - before == 2 * SIZE / 200 * 200);
}

int main(void)
{
	assert(!trace_buffer_drain());
	trace_buffer_pace();
	trace_buffer_init();
	clock_ticks = 1;
	put(10);
	while (trace_buffer_drain())
		;
	storm();
	quiet();
	full();
	return 0;
}
