/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See end.h. Also what lib/panic.h and lib/log.h want of a program.
 */
#include "monitor/machine/end.h"

#include "lib/cpu.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "monitor/machine/entry.h"
#include "monitor/machine/ap.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/trace_buffer.h"

const char log_prefix[] = "monitor";

struct transcript transcript;
bool tracing;
void (*end_last_lines)(void);

void (*trace_shown)(const struct transcript *t, const char *line, size_t size);

static u32 events_written, events_shown;

static void trace_write(void *context, const char *text, size_t size)
{
	bool of_exit = transcript.event < EVENT_COUNT;
	u32 bit = of_exit ? 1U << transcript.event : 0;

	(void)context;
	if (of_exit ? events_written & bit : events_written)
		trace_buffer_write(text, size);
	if (events_shown & bit)
		trace_shown(&transcript, text, size);
}

void trace_init(u32 events, u32 shown)
{
	if (events && inb(PORT_TRANSCRIPT) != DEBUGCON_PRESENT) {
		log_error("trace: there is no debug console at port %#x", PORT_TRANSCRIPT);
		events = 0;
	}
	if (events)
		trace_buffer_init();
	events_written = events;
	events_shown = shown;
	transcript_init(&transcript, trace_write, NULL);
	transcript.events = events | shown;
	tracing = transcript.events;
}

/* The transcript's last line. Once. */
static void trace_end(void)
{
	if (!tracing)
		return;
	if (end_last_lines)
		end_last_lines();
	tracing = false;
	transcript_total(&transcript);
	while (trace_buffer_drain())
		;
}

void (*end_stop_others)(void);
void (*end_served)(u8 exit_code);

void end_begin(void)
{
	if (end_stop_others)
		end_stop_others();
}

noreturn_t end_wait(void)
{
	for (;;) {
		cli();
		hlt();
	}
}

void end_close(void)
{
	end_begin();
	trace_end();
}

/*
 * QEMU's record and replay (10 on) notes an end of the machine as if it came right behind what was
 * noted before, and a replay ends there, whatever else the guest and we had still to say. RDRAND is
 * noted, with all that was executed before it.
 */
static void end_note(void)
{
	u64 value;

	if (cpuid_raw(CPUID_FEATURES, 0).ecx & CPUID_FEATURES_ECX_RDRAND)
		(void)rdrand_bounded(&value);
}

noreturn_t end_run(u8 exit_code)
{
	end_close();
	end_note();
	if (end_served)
		end_served(exit_code);
	else
		outb(EXIT_PORT, exit_code);
	end_wait();
}

u32 panic_processor(void) { return ap_here(); }

noreturn_t panic_end(const char *why)
{
	(void)why;
	end_run(EXIT_CODE_PANIC);
}

noreturn_t panic_again(const char *first) { panic_end(first); }

bool panic_may_show_state(void) { return true; }

bool backtrace_readable(u64 address)
{
	return (address >= (u64)monitor_start && address + 16 <= (u64)monitor_end) ||
	       (address >= memory_low() && address + 16 <= memory_high()); /* other stacks */
}

noreturn_t end_cannot_run(const char *why)
{
	log_error("cannot run: %s", why);
	end_run(EXIT_CODE_CANNOT_RUN);
}
