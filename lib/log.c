/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines. Kept in a buffer until there is a console; what no longer fits is counted, and said.
 */
#include "lib/log.h"
#include "lib/compiler.h"
#include "lib/format.h"
#include "lib/panic.h"
#include "lib/spinlock.h"
#include "lib/string.h"

#define LOG_KEPT_SIZE 8192
#define LOG_LINE_SIZE 512

static struct spinlock lock; /* a piece of text stays whole */
static u32 holder;           /* its number + 1 */
static bool is_given_up;     /* who held the lock never let go of it: nobody waits any more */
static log_console_t log_console;
static bool log_quiet;
static char log_kept[LOG_KEPT_SIZE];
static size_t log_kept_size;
static size_t log_lost_size;

static void emit(const char *text, size_t size)
{
	size_t room = LOG_KEPT_SIZE - log_kept_size;

	if (log_console) {
		log_console(text, size);
		return;
	}
	if (size > room) {
		log_lost_size += size - room;
		size = room;
	}
	memcpy(log_kept + log_kept_size, text, size);
	log_kept_size += size;
}

/*
 * A mixed line is better than an unseen panic: whoever holds the lock may be what fails, or what
 * an NMI interrupted here. Then nobody waits, and for another processor once.
 */
static bool lock_is_had(u32 own)
{
	if (READ_ONCE(holder) == own || READ_ONCE(is_given_up))
		return false;
	if (spin_lock_bounded(&lock))
		return true;
	WRITE_ONCE(is_given_up, true);
	return false;
}

void log_raw(const char *text, size_t size)
{
	u32 own = panic_processor() + 1;
	bool locked = lock_is_had(own);

	if (locked)
		WRITE_ONCE(holder, own);
	emit(text, size);
	if (locked) {
		WRITE_ONCE(holder, 0);
		spin_unlock(&lock);
	}
}

/* What others chose may be in it: nothing but this program moves the reader's cursor. */
static void make_printable(char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
}

static void log_line(const char *fmt, va_list args)
{
	char line[LOG_LINE_SIZE];
	size_t length = format(line, sizeof(line), "%s: ", log_prefix);

	length += vformat(line + length, sizeof(line) - length, fmt, args);
	if (length > sizeof(line) - 2)
		length = sizeof(line) - 2;
	make_printable(line, length);
	line[length] = '\n';
	log_raw(line, length + 1);
}

void log_info(const char *fmt, ...)
{
	va_list args;

	if (log_quiet)
		return;
	va_start(args, fmt);
	log_line(fmt, args);
	va_end(args);
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(fmt, args);
	va_end(args);
}

void log_set_console(log_console_t console)
{
	log_console = console;
	if (!console)
		return;
	console(log_kept, log_kept_size);
	if (log_lost_size)
		log_error("log: %zu bytes were lost before the console", log_lost_size);
	log_kept_size = 0;
	log_lost_size = 0;
}

void log_set_quiet(int quiet) { log_quiet = quiet; }
