/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block of guest memory in which a loader's information is laid out, one piece behind the other.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/string.h"

/* The block being written; once too small it takes no more. */
struct info_block {
	u8 *bytes;
	u64 size;
	u64 used;
	u64 gpa;
	bool full;
};

/* Room for @size bytes, 8-byte aligned: its offset. */
static inline u64 info_take(struct info_block *b, u64 size)
{
	u64 at = align_up(b->used, 8);

	if (at > b->size || size > b->size - at) {
		b->full = true;
		return 0;
	}
	b->used = at + size;
	return at;
}

static inline void info_put(struct info_block *b, u64 at, const void *data, u64 size)
{
	if (!b->full)
		memcpy(b->bytes + at, data, size);
}

/* The text's guest-physical address; 0 for none. */
static inline u64 info_put_text(struct info_block *b, const char *text)
{
	u64 size, at;

	if (!text)
		return 0;
	size = strlen(text) + 1;
	at = info_take(b, size);
	info_put(b, at, text, size);
	return b->gpa + at;
}
