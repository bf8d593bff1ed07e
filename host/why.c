/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See why.h.
 */
#define _GNU_SOURCE
#include "host/why.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int why_set(struct why *why, int error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	return error;
}

const char *why_error(int error)
{
	const char *text = strerrordesc_np(error);

	return text ? text : "an unknown error";
}
