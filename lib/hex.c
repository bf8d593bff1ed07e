/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See hex.h.
 */
#include "lib/hex.h"

#include "lib/string.h"

static const char digits[] = "0123456789abcdef";

void hex_write(char *text, const void *bytes, size_t size)
{
	const u8 *p = bytes;

	for (size_t i = 0; i < size; i++) {
		*text++ = digits[p[i] >> 4];
		*text++ = digits[p[i] & 15];
	}
}

static int digit(char c)
{
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool hex_read(const char *text, void *bytes, size_t size)
{
	u8 *p = bytes;

	for (size_t i = 0; i < size; i++, text += 2) {
		int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);

		if (low < 0)
			return false;
		p[i] = (u8)(high << 4 | low);
	}
	return true;
}
