/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks up the symbol table of the image. The table lies in .symtab_blob: a count, that many
 * entries sorted by address, and their names. Addresses are how far before the end of code they
 * lie, since the image may not be where it was linked. The first of two links sees an empty one.
 */
#include "lib/symbols.h"

#include "lib/compiler.h"

struct symbol_entry {
	s32 address; /* from __text_end: not above 0 */
	u32 name_offset;
};
ABI_SIZE(struct symbol_entry, 8);

extern const char __text_end[];
extern const struct symbol_blob {
	u32 count;
	struct symbol_entry entries[];
} symbol_blob;

const char *symbol_lookup(u64 address, u64 *offset)
{
	const struct symbol_entry *entries = symbol_blob.entries;
	const char *names = (const char *)&entries[symbol_blob.count];
	u32 low = 0, high = symbol_blob.count;
	s64 at = (s64)(address - (u64)__text_end);

	/* Invariant: entries below low are at or below address, those from high on are above. */
	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (entries[middle].address <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	*offset = (u64)(at - entries[low - 1].address);
	names += entries[low - 1].name_offset;
	return *names ? names : NULL; /* behind all code */
}
