/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See multiboot_info.h.
 */
#include "model/multiboot_info.h"
#include "abi/multiboot1.h"
#include "model/info_block.h"

#define KIB  1024
#define MIB1 0x100000

static u32 put_modules(struct info_block *b, const struct pvh_info *info)
{
	u64 list = info_take(b, info->module_count * sizeof(struct mb1_module));

	for (unsigned int i = 0; i < info->module_count; i++) {
		const struct pvh_module *m = &info->modules[i];
		struct mb1_module module = {
			.start = (u32)m->gpa,
			.end = (u32)(m->gpa + m->size),
			.cmdline = (u32)info_put_text(b, m->cmdline),
		};

		info_put(b, list + i * sizeof(module), &module, sizeof(module));
	}
	return (u32)(b->gpa + list);
}

static u32 put_map(struct info_block *b, const struct memmap *map)
{
	u64 list = info_take(b, map->count * sizeof(struct mb1_memory));

	for (unsigned int i = 0; i < map->count; i++) {
		const struct hvm_memmap_entry *e = &map->entries[i];
		const struct mb1_memory memory = {
			.size = sizeof(memory) - sizeof(memory.size),
			.addr = e->addr,
			.len = e->size,
			.type = e->type,
		};

		info_put(b, list + i * sizeof(memory), &memory, sizeof(memory));
	}
	return (u32)(b->gpa + list);
}

/* KiB of RAM in one piece from @base on, of which this protocol can say what is below 4 GiB. */
static u32 ram_from(const struct memmap *map, u64 base)
{
	for (unsigned int i = 0; i < map->count; i++) {
		const struct hvm_memmap_entry *e = &map->entries[i];

		if (e->type == HVM_MEMMAP_RAM && base - e->addr < e->size)
			return (u32)((e->size - (base - e->addr)) / KIB);
	}
	return 0;
}

s64 multiboot_info_build(const struct pvh_info *info, void *buffer, u64 size, u64 gpa)
{
	struct info_block b = { .bytes = buffer, .size = size, .gpa = gpa };
	u64 start = info_take(&b, sizeof(struct mb1_info));
	struct mb1_info content = {
		.flags = MB1_INFO_MEMORY | MB1_INFO_CMDLINE | MB1_INFO_MODULES | MB1_INFO_MMAP,
		.mem_lower = ram_from(info->map, 0),
		.mem_upper = ram_from(info->map, MIB1),
		.cmdline = (u32)info_put_text(&b, info->cmdline),
		.mods_count = info->module_count,
		.mods_addr = put_modules(&b, info),
		.mmap_length = info->map->count * (u32)sizeof(struct mb1_memory),
		.mmap_addr = put_map(&b, info->map),
	};

	info_put(&b, start, &content, sizeof(content));
	return b.full ? -E_NOSPC : (s64)b.used;
}
