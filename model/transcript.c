/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exit transcript: see transcript.h.
 */
#include "model/transcript.h"
#include "lib/format.h"
#include "lib/string.h"

#define LINE_END "...\n"

static const char *const event_names[EVENT_COUNT] = {
#define EVENT(constant, name) [EVENT_##constant] = name,
	TRANSCRIPT_EVENTS(EVENT)
#undef EVENT
};

void transcript_init(struct transcript *t, transcript_write_t write, void *context)
{
	*t = (struct transcript){ .write = write, .context = context, .events = TRANSCRIPT_USUAL };
}

static u32 event_bit(const char *name, size_t length)
{
	for (unsigned int i = 0; i < EVENT_COUNT; i++)
		if (strlen(event_names[i]) == length && !memcmp(event_names[i], name, length))
			return 1U << i;
	return 0;
}

u32 transcript_events(const char *list, size_t length)
{
	u32 events = 0;

	for (size_t at = 0, end; at <= length; at = end + 1) {
		u32 bit;

		for (end = at; end < length && list[end] != ',';)
			end++;
		bit = event_bit(list + at, end - at);
		if (!bit)
			return 0;
		events |= bit;
	}
	return events;
}

/* t->used is what the whole line would need without its end; writes what there is room for. */
static void write_line(struct transcript *t)
{
	size_t room = TRANSCRIPT_LINE_MAX - sizeof(LINE_END);

	t->open = false;
	if (!t->write || t->dropped)
		return;
	if (t->used <= room) {
		t->line[t->used++] = '\n';
	} else {
		memcpy(t->line + room, LINE_END, sizeof(LINE_END) - 1);
		t->used = room + sizeof(LINE_END) - 1;
	}
	t->write(t->context, t->line, t->used);
}

/* A blank and the text, unless there is none. */
static void add(struct transcript *t, const char *fmt, va_list args)
{
	size_t at = t->used < sizeof(t->line) - 1 ? t->used : sizeof(t->line) - 1;

	if (!t->write || t->dropped || !*fmt)
		return;
	t->line[at] = ' ';
	t->used++;
	if (at + 1 < sizeof(t->line))
		t->used += vformat(t->line + at + 1, sizeof(t->line) - at - 1, fmt, args);
}

static void begin(struct transcript *t, unsigned int cpu, enum transcript_event event)
{
	t->totals[event]++;
	t->line_count++;
	t->open = true;
	t->dropped = !(t->events & 1U << event);
	t->cpu = cpu;
	t->event = event;
	if (t->write && !t->dropped)
		t->used = format(t->line, sizeof(t->line), "%llu cpu%u %s",
				 (unsigned long long)t->line_count, cpu, event_names[event]);
}

void transcript_line(struct transcript *t, unsigned int cpu, enum transcript_event event,
		     const char *fmt, ...)
{
	bool inside = t->open;
	va_list args;

	if (!inside)
		begin(t, cpu, event);
	va_start(args, fmt);
	add(t, fmt, args);
	va_end(args);
	if (!inside)
		write_line(t);
}

void transcript_open(struct transcript *t, unsigned int cpu, enum transcript_event event,
		     const char *fmt, ...)
{
	va_list args;

	begin(t, cpu, event);
	va_start(args, fmt);
	add(t, fmt, args);
	va_end(args);
}

void transcript_close(struct transcript *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add(t, fmt, args);
	va_end(args);
	write_line(t);
}

void transcript_abandon(struct transcript *t)
{
	if (t->open)
		write_line(t);
}

const char *transcript_event_name(enum transcript_event event) { return event_names[event]; }

void transcript_apart(struct transcript *t, unsigned int cpu, enum transcript_event event,
		      const char *text)
{
	char start[64];

	t->totals[event]++;
	t->line_count++;
	if (!t->write || !(t->events & 1U << event))
		return;
	t->cpu = cpu;
	t->event = event;
	t->write(t->context, start,
		 format(start, sizeof(start), "%llu cpu%u %s ", (unsigned long long)t->line_count,
			cpu, event_names[event]));
	t->write(t->context, text, strlen(text));
	t->write(t->context, "\n", 1);
}

void transcript_total(struct transcript *t)
{
	char line[TRANSCRIPT_LINE_MAX + 512]; /* every event with the largest number fits */
	size_t used;

	transcript_abandon(t);
	if (!t->write)
		return;
	t->event = EVENT_COUNT;
	used = format(line, sizeof(line), "# total");
	for (unsigned int i = 0; i < EVENT_COUNT; i++)
		if (t->totals[i])
			used += format(line + used, sizeof(line) - used, " %s=%llu", event_names[i],
				       (unsigned long long)t->totals[i]);
	line[used++] = '\n';
	t->write(t->context, line, used);
}
