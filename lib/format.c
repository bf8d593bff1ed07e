/* SPDX-License-Identifier: Apache-2.0 */
/*
 * printf-like formatting: one pass over the format, each conversion first parsed into a struct
 * spec, then put out with its padding.
 */
#include "lib/format.h"
#include "lib/string.h"

#define DIGITS_MAX 20 /* of 2^64 - 1 in decimal, the longest */

struct out {
	char *buf;
	size_t size;
	size_t length; /* of the whole text, written or not */
};

struct spec {
	bool left;
	bool zero;
	bool alternate;
	int width;
	int precision; /* -1: none */
	int longs;     /* 0 int, 1 long, 2 long long */
};

static void put_char(struct out *out, char c)
{
	if (out->length + 1 < out->size)
		out->buf[out->length] = c;
	out->length++;
}

static void put_repeated(struct out *out, char c, int count)
{
	for (; count > 0; count--)
		put_char(out, c);
}

static void put_text(struct out *out, const struct spec *spec, const char *text, size_t length)
{
	int pad = spec->width > (int)length ? spec->width - (int)length : 0;

	if (!spec->left)
		put_repeated(out, ' ', pad);
	for (size_t i = 0; i < length; i++)
		put_char(out, text[i]);
	if (spec->left)
		put_repeated(out, ' ', pad);
}

/* @prefix is a sign or 0x; zeros of the '0' flag go after it. */
static void put_number(struct out *out, const struct spec *spec, u64 value, unsigned int base,
		       const char *digits, const char *prefix)
{
	char text[DIGITS_MAX];
	int count = 0, pad;

	do {
		text[DIGITS_MAX - ++count] = digits[value % base];
		value /= base;
	} while (value);
	pad = spec->width - count - (int)strlen(prefix);
	if (!spec->left && !spec->zero)
		put_repeated(out, ' ', pad);
	while (*prefix)
		put_char(out, *prefix++);
	if (!spec->left && spec->zero)
		put_repeated(out, '0', pad);
	for (int i = DIGITS_MAX - count; i < DIGITS_MAX; i++)
		put_char(out, text[i]);
	if (spec->left)
		put_repeated(out, ' ', pad);
}

static const char *parse_flags(const char *fmt, struct spec *spec)
{
	for (;; fmt++) {
		if (*fmt == '-')
			spec->left = true;
		else if (*fmt == '0')
			spec->zero = true;
		else if (*fmt == '#')
			spec->alternate = true;
		else
			return fmt;
	}
}

static const char *parse_number(const char *fmt, int *number)
{
	for (*number = 0; *fmt >= '0' && *fmt <= '9' && *number < 1000; fmt++)
		*number = *number * 10 + (*fmt - '0');
	return fmt;
}

static const char *parse_length(const char *fmt, struct spec *spec)
{
	for (;; fmt++) {
		if (*fmt == 'l')
			spec->longs++;
		else if (*fmt == 'z')
			spec->longs = 1;
		else
			return fmt;
	}
}

/*
 * Each va_arg stands in the function that has the list as its parameter's pointer: the type may be
 * an array, and then its value after a call is not defined.
 */
struct arguments {
	va_list list;
};

static u64 take_unsigned(struct arguments *args, const struct spec *spec)
{
	return spec->longs ? va_arg(args->list, unsigned long) : va_arg(args->list, unsigned int);
}

static s64 take_signed(struct arguments *args, const struct spec *spec)
{
	return spec->longs ? va_arg(args->list, long) : va_arg(args->list, int);
}

static const char *parse_spec(const char *fmt, struct spec *spec, struct arguments *args)
{
	fmt = parse_flags(fmt, spec);
	fmt = parse_number(fmt, &spec->width);
	if (*fmt == '.' && fmt[1] == '*') {
		spec->precision = va_arg(args->list, int);
		fmt += 2;
	} else if (*fmt == '.') {
		fmt = parse_number(fmt + 1, &spec->precision);
	}
	return parse_length(fmt, spec);
}

static void put_signed(struct out *out, const struct spec *spec, s64 value)
{
	u64 magnitude = value < 0 ? -(u64)value : (u64)value;

	put_number(out, spec, magnitude, 10, "0123456789", value < 0 ? "-" : "");
}

static void put_string(struct out *out, const struct spec *spec, const char *text)
{
	size_t max = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;

	if (!text)
		text = "(null)";
	put_text(out, spec, text, strnlen(text, max));
}

static void put_conversion(struct out *out, char conversion, const struct spec *spec,
			   struct arguments *args)
{
	static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
	const char *hex = spec->alternate ? "0x" : "";
	char c;

	switch (conversion) {
	case 'd':
	case 'i': put_signed(out, spec, take_signed(args, spec)); break;
	case 'u': put_number(out, spec, take_unsigned(args, spec), 10, lower, ""); break;
	case 'x': put_number(out, spec, take_unsigned(args, spec), 16, lower, hex); break;
	case 'X': put_number(out, spec, take_unsigned(args, spec), 16, upper, hex); break;
	case 'p':
		put_number(out, spec, (u64)(uintptr_t)va_arg(args->list, void *), 16, lower, "0x");
		break;
	case 's': put_string(out, spec, va_arg(args->list, const char *)); break;
	case 'c':
		c = (char)va_arg(args->list, int);
		put_text(out, spec, &c, 1);
		break;
	default: /* '%', and what we do not know shows as it is */ put_char(out, conversion);
	}
}

size_t vformat(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out out = { .buf = buf, .size = size };
	struct arguments arguments;

	va_copy(arguments.list, args);
	while (*fmt) {
		struct spec spec = { .precision = -1 };

		if (*fmt != '%') {
			put_char(&out, *fmt++);
			continue;
		}
		fmt = parse_spec(fmt + 1, &spec, &arguments);
		if (*fmt)
			put_conversion(&out, *fmt++, &spec, &arguments);
	}
	va_end(arguments.list);
	if (size)
		buf[out.length < size ? out.length : size - 1] = '\0';
	return out.length;
}

size_t format(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	size_t length;

	va_start(args, fmt);
	length = vformat(buf, size, fmt, args);
	va_end(args);
	return length;
}

static void put_escaped(struct out *out, u8 c)
{
	static const char digits[] = "0123456789abcdef";

	put_char(out, '\\');
	put_char(out, 'x');
	put_char(out, digits[c >> 4]);
	put_char(out, digits[c & 0xf]);
}

const char *quote(char *buf, size_t size, const char *text)
{
	struct out out = { .buf = buf, .size = size };

	put_char(&out, '"');
	for (; *text; text++) {
		u8 c = (u8)*text;

		if (c >= ' ' && c <= '~' && c != '"' && c != '\\')
			put_char(&out, (char)c);
		else
			put_escaped(&out, c);
	}
	put_char(&out, '"');
	if (size)
		buf[out.length < size ? out.length : size - 1] = '\0';
	return buf;
}
