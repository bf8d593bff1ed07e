/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names for addresses of code, from the table that tools/symbols.py puts into the image when it is
 * linked. For backtraces.
 */
#pragma once

#include "abi/bits.h"

/*
 * The last symbol at or below @address, with the distance to it; NULL when there is none, or when
 * @address lies behind all code.
 */
const char *symbol_lookup(u64 address, u64 *offset);
