/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our memory and string functions agree with the C library's, at every overlap and length.
 * RUN: %unit-cc %s -o %t
 */
#define memcpy  our_memcpy
#define memmove our_memmove
#define memset  our_memset
#define memcmp  our_memcmp
#define strlen  our_strlen
#define strnlen our_strnlen
#define strcmp  our_strcmp
#define strncmp our_strncmp
#define strchr  our_strchr
#include "lib/string.c"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr

#undef NDEBUG
#include <assert.h>
#include <string.h>

#define SIZE 48

static void fill(char *buf)
{
	for (int i = 0; i < SIZE; i++)
		buf[i] = (char)(i * 7 + 1);
}

static void check_move(size_t to, size_t from, size_t size)
{
	char ours[SIZE], theirs[SIZE];

	fill(ours);
	fill(theirs);
	assert(our_memmove(ours + to, ours + from, size) == ours + to);
	memmove(theirs + to, theirs + from, size);
	assert(!memcmp(ours, theirs, SIZE));
}

static void check_set(size_t size)
{
	char ours[SIZE + 1], theirs[SIZE + 1];

	fill(ours);
	fill(theirs);
	ours[SIZE] = theirs[SIZE] = 3;
	assert(our_memset(ours, 0x1a5, size) == ours);
	memset(theirs, 0xa5, size);
	assert(!memcmp(ours, theirs, SIZE + 1));
}

static int sign(int x) { return (x > 0) - (x < 0); }

static void check_compare(const char *a, const char *b)
{
	assert(sign(our_strcmp(a, b)) == sign(strcmp(a, b)));
	for (size_t n = 0; n < 6; n++)
		assert(sign(our_strncmp(a, b, n)) == sign(strncmp(a, b, n)));
}

int main(void)
{
	static const char *const words[] = { "", "a", "ab", "abc", "abd", "\xff", "a\xff" };
	char buf[SIZE];

	for (size_t to = 0; to <= SIZE; to++)
		for (size_t from = 0; from <= SIZE; from++)
			for (size_t size = 0; size + (to > from ? to : from) <= SIZE; size++)
				check_move(to, from, size);
	for (size_t size = 0; size <= SIZE; size++)
		check_set(size);
	fill(buf);
	assert(our_memset(buf + 1, 0x1fe, 3) == buf + 1);
	assert(buf[0] == 1 && buf[1] == '\xfe' && buf[3] == '\xfe' && buf[4] == 29);
	assert(our_memcmp("a\xff", "a\x01", 2) > 0 && !our_memcmp("ab", "ac", 1));
	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (unsigned int j = 0; j < sizeof(words) / sizeof(words[0]); j++)
			check_compare(words[i], words[j]);
	assert(our_strlen("") == 0 && our_strlen("abc") == 3 && our_strnlen("abc", 2) == 2);
	assert(!strcmp(our_strchr("abcb", 'b'), "bcb") && !our_strchr("abc", 'x'));
	assert(*our_strchr("abc", '\0') == '\0');
	return 0;
}
