/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See overrun.h.
 */
#include "overrun.h"

int overrun_kernel(size_t size)
{
	char text[16];
	volatile char *at = text;

	for (size_t i = 0; i < size; i++)
		at[i] = 'x';
	return text[0];
}
