/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A refusal's sentence, kept by whoever asked until it can be printed.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/errno.h"

struct why {
	char text[256];
};

/* Writes the sentence and returns @error, which is negative. */
int why_set(struct why *why, int error, const char *fmt, ...) printf_like(3, 4);

/*
 * What errno's @error, positive, means. As strerror(), which may ask for memory to answer: of a
 * processor's thread a newer C library then maps some, which the sandbox does not allow.
 */
const char *why_error(int error);
