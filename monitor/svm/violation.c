/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of violation.def.
 */
#include "monitor/svm/violation.h"
#include "lib/compiler.h"
#include "lib/string.h"

static const struct violation_info violations[] = {
	[VIOLATION_NONE] = { "none", "none" },
#define VIOLATION(constant, name, sentence) [VIOLATION_##constant] = { name, sentence },
#include "monitor/svm/violation.def"
#undef VIOLATION
};

const struct violation_info *violation_info(enum violation violation)
{
	return &violations[(u32)violation < array_count(violations) ? violation : VIOLATION_NONE];
}

bool violation_is_name(const char *name, size_t length)
{
	for (u32 i = VIOLATION_NONE + 1; i < array_count(violations); i++)
		if (strlen(violations[i].name) == length &&
		    !memcmp(violations[i].name, name, length))
			return true;
	return false;
}
