/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzzer's input, taken from its front; zeroes behind its end.
 */
#pragma once

#include "abi/bits.h"

static const u8 *input;
static size_t left;

static inline u8 byte(void)
{
	if (!left)
		return 0;
	left--;
	return *input++;
}

static inline u64 number(unsigned int bytes)
{
	u64 value = 0;

	while (bytes--)
		value = value << 8 | byte();
	return value;
}
