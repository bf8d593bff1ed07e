/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines wait for the console and come in order; quiet drops information only; what does not fit
 * in the buffer is counted, never silently gone. Who fails while it holds the lock does not wait
 * for itself, nor anybody a second time for one that does not let go. Control characters do not
 * pass.
 * RUN: %unit-cc %s %root/lib/spinlock.c -o %t
 */
#include "lib/format.c"
#include "lib/log.c"

#undef NDEBUG
#include <assert.h>
#include <stdio.h>

const char log_prefix[] = "test";

static u32 processor;

u32 panic_processor(void) { return processor; }

static unsigned int polls;

static void count_poll(void) { polls++; }

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

/* A line inside of a line, as of an NMI or a panic there. */
static void console_that_fails(const char *text, size_t size)
{
	if (!memcmp(text, "outer", 5))
		log_raw("inner", 5);
	console(text, size);
}

static void test_lock(void)
{
	spin_set_poll(count_poll);
	log_console = console_that_fails;
	log_raw("outer", 5);
	expect("innerouter");
	assert(!polls);

	log_console = console;
	spin_lock(&lock); /* by one that never lets go */
	holder = 7 + 1;
	log_raw("first", 5);
	assert(polls);
	polls = 0;
	log_raw("second", 6);
	expect("firstsecond");
	assert(!polls);
	holder = 0;
	is_given_up = false;
	spin_unlock(&lock);
	log_raw("free", 4);
	expect("free");
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
	log_info("%s", "a\033[2J\n\177\xe4z");
	expect("test: a?[2J???z\n");
	test_lock();

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
