/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines wait for the console and come in order; quiet drops information only; what does not fit
 * in the buffer is counted, never silently gone.
 * RUN: %unit-cc %s %root/lib/spinlock.c -o %t
 */
#include "lib/format.c"
#include "lib/log.c"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>

const char log_prefix[] = "test";

static char seen[3 * LOG_KEPT_SIZE];
static size_t seen_size;

static void console(const char *text, size_t size)
{
	assert(seen_size + size < sizeof(seen));
	memcpy(seen + seen_size, text, size);
	seen_size += size;
	seen[seen_size] = '\0';
}

static void expect(const char *text)
{
	if (!strcmp(seen, text)) {
		seen_size = 0;
		seen[0] = '\0';
		return;
	}
	printf("seen: %s\nnot: %s\n", seen, text);
	assert(false);
}

int main(void)
{
	char text[LOG_LINE_SIZE * 2];

	log_info("one %d", 1);
	log_error("two");
	log_set_quiet(1);
	log_info("never");
	log_set_quiet(0);
	assert(!seen_size);
	log_set_console(console);
	expect("test: one 1\ntest: two\n");
	log_raw("raw", 3);
	expect("raw");

	/* A line too long is cut, and still is one line. */
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	log_info("%s", text);
	assert(seen_size == LOG_LINE_SIZE - 1 && seen[seen_size - 1] == '\n');
	seen_size = 0;

	log_set_console(NULL);
	for (int i = 0; i < LOG_KEPT_SIZE / 8 + 2; i++)
		log_raw("8 bytes\n", 8);
	log_set_console(console);
	assert(seen_size > LOG_KEPT_SIZE);
	assert(!strcmp(seen + LOG_KEPT_SIZE, "test: log: 16 bytes were lost before the console\n"));
	return 0;
}
