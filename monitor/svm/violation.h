/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of violation.def, as an enum and as a table. Every part of the model reports one of
 * these; monitor/main turns it into the console line, the transcript event and the exit status.
 */
#pragma once

#include "abi/bits.h"

enum violation {
	VIOLATION_NONE,
#define VIOLATION(constant, name, sentence) VIOLATION_##constant,
#include "monitor/svm/violation.def"
#undef VIOLATION
	VIOLATION_COUNT,
};

struct violation_info {
	const char *name;
	const char *sentence;
};

/* Name and sentence of @violation; of VIOLATION_NONE and of no violation at all: "none". */
const struct violation_info *violation_info(enum violation violation);
/* Whether it is one's, of @length bytes. */
bool violation_is_name(const char *name, size_t length);
