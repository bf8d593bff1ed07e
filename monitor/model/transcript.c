/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exit transcript: see transcript.h.
 */
#include "monitor/model/transcript.h"
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
	*t = (struct transcript){ .write = write, .context = context };
}

/* @used is what the whole line would need without its end; writes what there is room for. */
static void write_line(const struct transcript *t, char *line, size_t used)
{
	size_t room = TRANSCRIPT_LINE_MAX - sizeof(LINE_END);

	if (used <= room) {
		line[used++] = '\n';
	} else {
		memcpy(line + room, LINE_END, sizeof(LINE_END) - 1);
		used = room + sizeof(LINE_END) - 1;
	}
	t->write(t->context, line, used);
}

void transcript_line(struct transcript *t, unsigned int cpu, enum transcript_event event,
		     const char *fmt, ...)
{
	char line[TRANSCRIPT_LINE_MAX];
	va_list args;
	size_t used;

	t->totals[event]++;
	t->line_count++;
	if (!t->write)
		return;
	used = format(line, sizeof(line), "%llu cpu%u %s", (unsigned long long)t->line_count, cpu,
		      event_names[event]);
	if (*fmt) {
		line[used++] = ' ';
		va_start(args, fmt);
		used += vformat(line + used, sizeof(line) - used, fmt, args);
		va_end(args);
	}
	write_line(t, line, used);
}

void transcript_total(struct transcript *t)
{
	char line[TRANSCRIPT_LINE_MAX + 512]; /* every event with the largest number fits */
	size_t used;

	if (!t->write)
		return;
	used = format(line, sizeof(line), "# total");
	for (unsigned int i = 0; i < EVENT_COUNT; i++)
		if (t->totals[i])
			used += format(line + used, sizeof(line) - used, " %s=%llu", event_names[i],
				       (unsigned long long)t->totals[i]);
	line[used++] = '\n';
	t->write(t->context, line, used);
}
