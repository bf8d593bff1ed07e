/* SPDX-License-Identifier: Apache-2.0 */
/* What must be true in a function of a test: it tells the line, and returns 1, where it is not. */
#pragma once

#include <stdio.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			printf("line %d: not %s\n", __LINE__, #cond);                              \
			return 1;                                                                  \
		}                                                                                  \
	} while (0)
