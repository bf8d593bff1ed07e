/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory and string functions, integer registers only. The bulk ones are the string instructions,
 * which also keeps the compiler from turning a loop back into a call of itself: quadwords first,
 * since an emulator takes as long for a byte as for eight.
 */
#include "lib/string.h"

void *memcpy(void *dst, const void *src, size_t size)
{
	void *to = dst;
	size_t quads = size / sizeof(u64), rest = size % sizeof(u64);

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(src), "+c"(quads)::"memory");
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(src), "+c"(rest)::"memory");
	return dst;
}

void *memmove(void *dst, const void *src, size_t size)
{
	const char *from = (const char *)src + size - 1;
	char *to = (char *)dst + size - 1;

	/* Unsigned: also true when dst lies before src. */
	if ((uintptr_t)dst - (uintptr_t)src >= size)
		return memcpy(dst, src, size);
	__asm__ volatile("std; rep movsb; cld" : "+D"(to), "+S"(from), "+c"(size)::"memory");
	return dst;
}

void *memset(void *dst, int byte, size_t size)
{
	void *to = dst;
	u64 pattern = (u8)byte * U64_C(0x0101010101010101);
	size_t quads = size / sizeof(u64), rest = size % sizeof(u64);

	__asm__ volatile("rep stosq" : "+D"(to), "+c"(quads) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(pattern) : "memory");
	return dst;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const u8 *x = a, *y = b;

	for (; size; size--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

size_t strlen(const char *s) { return strnlen(s, SIZE_MAX); }

int strncmp(const char *a, const char *b, size_t size)
{
	for (; size; size--, a++, b++) {
		if (*a != *b)
			return (u8)*a - (u8)*b;
		if (!*a)
			return 0;
	}
	return 0;
}

int strcmp(const char *a, const char *b) { return strncmp(a, b, SIZE_MAX); }

char *strchr(const char *s, int c)
{
	for (;; s++) {
		if (*s == (char)c)
			return (char *)(uintptr_t)s;
		if (!*s)
			return NULL;
	}
}
