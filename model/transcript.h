/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exit transcript: lines `<n> cpu<k> <event> key=value ...` and the last one, `# total ...`.
 * Spec: docs/architecture.md, "Formats". Not locked: the monitor holds a lock around each call.
 */
#pragma once

#include <stdarg.h>

#include "abi/bits.h"
#include "lib/compiler.h"

#define TRANSCRIPT_EVENTS(EVENT)                                                                   \
	EVENT(GHCB_MSR, "ghcb-msr")                                                                \
	EVENT(VMGEXIT, "vmgexit")                                                                  \
	EVENT(PVALIDATE, "pvalidate")                                                              \
	EVENT(RMPADJUST, "rmpadjust")                                                              \
	EVENT(VMMCALL, "vmmcall")                                                                  \
	EVENT(VMCALL, "vmcall")                                                                    \
	EVENT(TDCALL, "tdcall")                                                                    \
	EVENT(TDVMCALL, "tdvmcall")                                                                \
	EVENT(CPUID, "cpuid")                                                                      \
	EVENT(MSR, "msr")                                                                          \
	EVENT(IOIO, "ioio")                                                                        \
	EVENT(MMIO, "mmio")                                                                        \
	EVENT(HLT, "hlt")                                                                          \
	EVENT(NPF, "npf")                                                                          \
	EVENT(IRQ, "irq")                                                                          \
	EVENT(INJECT, "inject")                                                                    \
	EVENT(RMPUPDATE, "rmpupdate")                                                              \
	EVENT(PSP, "psp")                                                                          \
	EVENT(VIOLATION, "violation")                                                              \
	EVENT(LIE, "lie")                                                                          \
	EVENT(POINT, "point")                                                                      \
	EVENT(EXIT, "exit")                                                                        \
	EVENT(PAGE, "page")

enum transcript_event {
#define EVENT(constant, name) EVENT_##constant,
	TRANSCRIPT_EVENTS(EVENT)
#undef EVENT
		EVENT_COUNT,
};

_Static_assert(EVENT_COUNT <= 32, "a bit for each");

/* Of the machine, not of the guest: written and counted only where they are asked for by name. */
#define TRANSCRIPT_USUAL (~(1U << EVENT_EXIT | 1U << EVENT_PAGE))

#define TRANSCRIPT_LINE_MAX  256
#define TRANSCRIPT_APART_MAX 896

typedef void (*transcript_write_t)(void *context, const char *text, size_t size);

struct transcript {
	transcript_write_t write; /* NULL: only counts */
	void *context;
	u32 events; /* written, by BIT(event); the rest is counted only */
	u64 line_count;
	u64 totals[EVENT_COUNT];
	bool open;                   /* the last line waits for its end */
	bool dropped;                /* ... and is not written */
	unsigned int cpu;            /* of the line that is written */
	enum transcript_event event; /* ... EVENT_COUNT: it is of no exit */
	size_t used;
	char line[TRANSCRIPT_LINE_MAX];
};

/* The usual events are written. */
void transcript_init(struct transcript *t, transcript_write_t write, void *context);

/*
 * The events that @list, of @length, names with commas in between, by BIT(event). Each keeps its
 * number, so that what is left out shows. 0: there is no event of one of the names.
 */
u32 transcript_events(const char *list, size_t length);

/*
 * One exit; @fmt gives "key=value ..." and may be "". A line too long ends in "...". While a line
 * is open, the text is a part of it instead, and nothing is counted: what an exit led to.
 */
void transcript_line(struct transcript *t, unsigned int cpu, enum transcript_event event,
		     const char *fmt, ...) printf_like(4, 5);

/* The same in two halves, for an exit whose answer is known later. */
void transcript_open(struct transcript *t, unsigned int cpu, enum transcript_event event,
		     const char *fmt, ...) printf_like(4, 5);
void transcript_close(struct transcript *t, const char *fmt, ...) printf_like(2, 3);
/* A line of its own even while one is open, which comes behind it; @text is as long as it is. */
void transcript_apart(struct transcript *t, unsigned int cpu, enum transcript_event event,
		      const char *text);

const char *transcript_event_name(enum transcript_event event);

/* Ends a line whose exit ends the run; does nothing when none is open. */
void transcript_abandon(struct transcript *t);

/* "# total <event>=N ..." with the events that happened, counts in decimal; once, at the end. */
void transcript_total(struct transcript *t);
