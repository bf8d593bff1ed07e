/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format() writes what the C library's snprintf() writes, for all that it knows.
 * RUN: %unit-cc -Wno-unknown-warning-option -Wno-format-truncation %s -o %t
 */
#include "lib/format.c"

#undef NDEBUG
#include <assert.h>
#include <limits.h>
#include <stdio.h>

static int failures;

static void compare(const char *ours, size_t our_length, const char *theirs, int their_length,
		    const char *what)
{
	if ((int)our_length == their_length && !strcmp(ours, theirs))
		return;
	printf("%s: \"%s\" (%zu), not \"%s\" (%d)\n", what, ours, our_length, theirs, their_length);
	failures++;
}

/* Also with a buffer too small for it. */
#define SAME(...)                                                                                  \
	do {                                                                                       \
		char a[64], b[64];                                                                 \
		size_t n = format(a, sizeof(a), __VA_ARGS__);                                      \
                                                                                                   \
		compare(a, n, b, snprintf(b, sizeof(b), __VA_ARGS__), #__VA_ARGS__);               \
		n = format(a, 5, __VA_ARGS__);                                                     \
		compare(a, n, b, snprintf(b, 5, __VA_ARGS__), "in 5 bytes: " #__VA_ARGS__);        \
	} while (0)

int main(void)
{
	char one[1] = { 'x' };
	char three[4], text[64];

	SAME("plain");
	SAME("%d %i %d", 0, -1, INT_MIN);
	SAME("%u %x %X", UINT_MAX, 0xdeadbeef, 0xdeadbeef);
	SAME("%ld %lu %lx", LONG_MIN, ULONG_MAX, ULONG_MAX);
	SAME("%lld %llu %zu", LLONG_MIN, ULLONG_MAX, (size_t)-1);
	SAME("%#x %#lx", 0x1f, 0x123456789abcdefUL);
	SAME("[%5d] [%-5d] [%05d] [%5d]", 42, 42, -42, 1234567);
	SAME("[%#010x] [%8x] [%-8x]", 0x2a, 0x2a, 0x2a);
	SAME("[%s] [%10s] [%-10s] [%.2s] [%.*s]", "ab", "ab", "ab", "abc", 1, "xyz");
	SAME("[%c] [%3c] [%-3c] %%", 'a', 'b', 'c');
	SAME("%p", (void *)(uintptr_t)0x1234);
	SAME("%d %s %lx %c", 1, "two", 3UL, '4');
	assert(format(three, sizeof(three), "%#x", 0) == 3 && !strcmp(three, "0x0"));
	assert(format(one, 1, "abc") == 3 && !one[0]);
	assert(format(NULL, 0, "abc %d", 12) == 6);
	assert(!strcmp(quote(text, sizeof(text), "plain"), "\"plain\""));
	assert(!strcmp(quote(text, sizeof(text), "a\"\\\033\xff"), "\"a\\x22\\x5c\\x1b\\xff\""));
	assert(!strcmp(quote(three, sizeof(three), "abc"), "\"ab"));
	return failures != 0;
}
