/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a PVH guest finds at EBX: see pvh_info.h.
 */
#include "model/pvh_info.h"
#include "lib/compiler.h"
#include "lib/string.h"

/* The block being written; once too small it takes no more. */
struct block {
	u8 *bytes;
	u64 size;
	u64 used;
	u64 gpa;
	bool full;
};

/* Room for @size bytes, 8-byte aligned: its offset. */
static u64 take(struct block *b, u64 size)
{
	u64 at = align_up(b->used, 8);

	if (at > b->size || size > b->size - at) {
		b->full = true;
		return 0;
	}
	b->used = at + size;
	return at;
}

static void put(struct block *b, u64 at, const void *data, u64 size)
{
	if (!b->full)
		memcpy(b->bytes + at, data, size);
}

/* The text's guest-physical address; 0 for none. */
static u64 put_text(struct block *b, const char *text)
{
	u64 size, at;

	if (!text)
		return 0;
	size = strlen(text) + 1;
	at = take(b, size);
	put(b, at, text, size);
	return b->gpa + at;
}

static u64 put_modules(struct block *b, const struct pvh_info *info)
{
	u64 list;

	if (!info->module_count)
		return 0;
	list = take(b, info->module_count * sizeof(struct hvm_modlist_entry));
	for (unsigned int i = 0; i < info->module_count; i++) {
		struct hvm_modlist_entry entry = {
			.paddr = info->modules[i].gpa,
			.size = info->modules[i].size,
			.cmdline_paddr = put_text(b, info->modules[i].cmdline),
		};

		put(b, list + i * sizeof(entry), &entry, sizeof(entry));
	}
	return b->gpa + list;
}

s64 pvh_info_build(const struct pvh_info *info, void *buffer, u64 size, u64 gpa)
{
	struct block b = { .bytes = buffer, .size = size, .gpa = gpa };
	u64 map_size = info->map->count * sizeof(info->map->entries[0]);
	u64 start = take(&b, sizeof(struct hvm_start_info));
	u64 map = take(&b, map_size);
	struct hvm_start_info start_info = {
		.magic = HVM_START_MAGIC,
		.version = HVM_START_VERSION,
		.nr_modules = info->module_count,
		.modlist_paddr = put_modules(&b, info),
		.cmdline_paddr = put_text(&b, info->cmdline),
		.rsdp_paddr = info->rsdp,
		.memmap_paddr = gpa + map,
		.memmap_entries = info->map->count,
	};

	put(&b, map, info->map->entries, map_size);
	put(&b, start, &start_info, sizeof(start_info));
	return b.full ? -E_NOSPC : (s64)b.used;
}
