/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C library's heap: one range of memory, identity mapped and so contiguous, that grows by
 * heap_grow() as sbrk() does, and is accepted as it grows. mm_init() sets half of the largest range
 * of RAM aside for it.
 */
#pragma once

#include "abi/bits.h"
#include "lib/addr.h"

void heap_init(pa_t start, u64 size);
/* The end before growing (or shrinking) by @bytes, or NULL when the range does not allow it. */
void *heap_grow(s64 bytes);
/* The most that heap_grow() can give in all. */
u64 heap_size_max(void);
