/* SPDX-License-Identifier: Apache-2.0 */
/*
 * printf-like formatting into a buffer, for code that has no C library.
 * Knows %d %i %u %x %X %c %s %p %%, l ll z, field width, '-', '0', '#', and precision of %s.
 * Unlike the C library's, '#' puts 0x before 0 too. Does not know floating point.
 */
#pragma once

#include <stdarg.h>

#include "abi/bits.h"
#include "lib/compiler.h"

/* Always terminates @buf when size > 0; returns the length that the whole text would have. */
size_t format(char *buf, size_t size, const char *fmt, ...) printf_like(3, 4);
size_t vformat(char *buf, size_t size, const char *fmt, va_list args);

/*
 * @text as whoever chose it wrote it, for people to read: in quotes, with \xNN for quotes,
 * backslashes, and all that is no printable ASCII. Cut where @buf is full; returns @buf.
 */
const char *quote(char *buf, size_t size, const char *text);
