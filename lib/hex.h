/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes as pairs of hexadecimal digits.
 */
#pragma once

#include "abi/bits.h"

/* 2 * @size digits, and no zero behind them. */
void hex_write(char *text, const void *bytes, size_t size);
/* False: the first 2 * @size characters of @text are not all digits, of either case. */
bool hex_read(const char *text, void *bytes, size_t size);
