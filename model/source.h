/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that is read piece by piece, so that no more of it is in memory than is wanted.
 */
#pragma once

#include "abi/bits.h"
#include "lib/string.h"

struct source {
	u64 size;
	const void *from;
	/* [offset, offset + size) lies in the file. */
	void (*read)(const void *from, u64 offset, void *to, u64 size);
};

static inline bool source_has(const struct source *source, u64 offset, u64 size)
{
	return offset <= source->size && size <= source->size - offset;
}

static inline void source_read(const struct source *source, u64 offset, void *to, u64 size)
{
	source->read(source->from, offset, to, size);
}

static inline void source_read_bytes(const void *from, u64 offset, void *to, u64 size)
{
	memcpy(to, (const u8 *)from + offset, size);
}

/* A file that is in memory as a whole. */
static inline struct source source_of_bytes(const void *bytes, u64 size)
{
	return (struct source){ .size = size, .from = bytes, .read = source_read_bytes };
}
