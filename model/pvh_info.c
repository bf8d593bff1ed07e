/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a PVH guest finds at EBX: see pvh_info.h.
 */
#include "model/pvh_info.h"
#include "model/info_block.h"

static u64 put_modules(struct info_block *b, const struct pvh_info *info)
{
	u64 list;

	if (!info->module_count)
		return 0;
	list = info_take(b, info->module_count * sizeof(struct hvm_modlist_entry));
	for (unsigned int i = 0; i < info->module_count; i++) {
		struct hvm_modlist_entry entry = {
			.paddr = info->modules[i].gpa,
			.size = info->modules[i].size,
			.cmdline_paddr = info_put_text(b, info->modules[i].cmdline),
		};

		info_put(b, list + i * sizeof(entry), &entry, sizeof(entry));
	}
	return b->gpa + list;
}

s64 pvh_info_build(const struct pvh_info *info, void *buffer, u64 size, u64 gpa)
{
	struct info_block b = { .bytes = buffer, .size = size, .gpa = gpa };
	u64 map_size = info->map->count * sizeof(info->map->entries[0]);
	u64 start = info_take(&b, sizeof(struct hvm_start_info));
	u64 map = info_take(&b, map_size);
	struct hvm_start_info start_info = {
		.magic = HVM_START_MAGIC,
		.version = HVM_START_VERSION,
		.nr_modules = info->module_count,
		.modlist_paddr = put_modules(&b, info),
		.cmdline_paddr = info_put_text(&b, info->cmdline),
		.rsdp_paddr = info->rsdp,
		.memmap_paddr = gpa + map,
		.memmap_entries = info->map->count,
	};

	info_put(&b, map, info->map->entries, map_size);
	info_put(&b, start, &start_info, sizeof(start_info));
	return b.full ? -E_NOSPC : (s64)b.used;
}
