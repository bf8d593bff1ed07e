/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transcript's way out, and the end of the run.
 */
#pragma once

#include "abi/exit_code.h"
#include "lib/compiler.h"
#include "model/transcript.h"

/* Everything that the guest did, one line an exit; written to port 0x406. */
extern struct transcript transcript;
extern bool tracing;

#define TRACE(cpu, event, ...)                                                                     \
	do {                                                                                       \
		if (tracing)                                                                       \
			transcript_line(&transcript, cpu, EVENT_##event, __VA_ARGS__);             \
	} while (0)

/* An exit whose answer comes later: TRACEs between the two are parts of its line. */
#define TRACE_OPEN(cpu, event, ...)                                                                \
	do {                                                                                       \
		if (tracing)                                                                       \
			transcript_open(&transcript, cpu, EVENT_##event, __VA_ARGS__);             \
	} while (0)
#define TRACE_CLOSE(...)                                                                           \
	do {                                                                                       \
		if (tracing)                                                                       \
			transcript_close(&transcript, __VA_ARGS__);                                \
	} while (0)

/* Writes what a part of the monitor has kept back, before the last line; NULL: nothing is. */
extern void (*end_last_lines)(void);

/*
 * Starts the transcript of @events, by BIT(event), where there is a device for it. Lines of the
 * @shown ones go to trace_shown, as they are, when all is known that belongs to them.
 */
void trace_init(u32 events, u32 shown);
extern void (*trace_shown)(const struct transcript *t, const char *line, size_t size);

/*
 * Stops the guest's other processors, once, before the first line of an end is printed; what does
 * it is set when there are any.
 */
extern void (*end_stop_others)(void);
void end_begin(void);

/* Told of the end in place of the machine, by the option `served`; NULL: the machine ends. */
extern void (*end_served)(u8 exit_code);

/* Nothing follows of the guest: others stand still, the transcript is whole. */
void end_close(void);
/* The machine is about to end by itself. */
noreturn_t end_wait(void);
/* Ends the machine with @exit_code, after the transcript. */
noreturn_t end_run(u8 exit_code);
/* ... which cannot run what it was given: status 2. */
noreturn_t end_cannot_run(const char *why);
