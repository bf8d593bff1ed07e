/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the loader's description: PVH's start info or multiboot2's tags. The loader is trusted, as
 * firmware is, but a count beyond our tables is an error, not a truncation.
 */
#include "monitor/machine/machine.h"

#include <multiboot2.h>

#include "abi/pvh.h"
#include "lib/compiler.h"
#include "lib/log.h"
#include "lib/string.h"
#include "monitor/machine/entry.h"
#include "monitor/machine/memory.h"

#define RSDP_SEARCH_START 0xe0000
#define RSDP_SEARCH_END   0x100000

static void *at(u64 address) { return (void *)(uintptr_t)address; }

static void copy_string(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);

	memcpy(to, from, length);
	to[length] = 0;
}

static int range_add(struct machine *m, u64 start, u64 size, u32 type)
{
	int error;

	/* GRUB has types of its own, such as 20 for the code of EFI's runtime services. */
	if (type > HVM_MEMMAP_PMEM)
		type = HVM_MEMMAP_RESERVED;
	error = size ? memmap_set(&m->map, start, size, type) : 0;
	if (error)
		log_error("the memory map is bad at %#lx, size %#lx", start, size);
	return error;
}

static int module_add(struct machine *m, u64 start, u64 size, const char *cmdline)
{
	struct machine_module *module = &m->modules[m->module_count];

	if (m->module_count == MACHINE_MODULE_MAX) {
		log_error("more than %u modules", MACHINE_MODULE_MAX);
		return -E_2BIG;
	}
	m->module_count++;
	module->start = start;
	module->size = size;
	copy_string(module->name, sizeof(module->name), cmdline);
	if (strchr(module->name, ' '))
		*strchr(module->name, ' ') = 0;
	return 0;
}

static int read_pvh(struct machine *m, const struct hvm_start_info *info)
{
	const struct hvm_memmap_entry *map = at(info->memmap_paddr);
	int error = 0;

	if (info->version < HVM_START_VERSION || !info->memmap_paddr) {
		log_error("the PVH loader gave no memory map");
		return -E_INVAL;
	}
	for (u32 i = 0; i < info->memmap_entries && !error; i++)
		error = range_add(m, map[i].addr, map[i].size, map[i].type);
	if (info->cmdline_paddr)
		copy_string(m->cmdline, sizeof(m->cmdline), at(info->cmdline_paddr));
	m->rsdp = info->rsdp_paddr;
	return error;
}

static int read_tag(struct machine *m, const struct multiboot_tag *tag)
{
	const struct multiboot_tag_mmap *map = (const void *)tag;
	const struct multiboot_tag_module *module = (const void *)tag;
	const struct multiboot_tag_string *cmdline = (const void *)tag;
	const u8 *entry = (const u8 *)map->entries;
	int error = 0;

	switch (tag->type) {
	case MULTIBOOT_TAG_TYPE_CMDLINE:
		copy_string(m->cmdline, sizeof(m->cmdline), cmdline->string);
		return 0;
	case MULTIBOOT_TAG_TYPE_MODULE:
		return module_add(m, module->mod_start, module->mod_end - module->mod_start,
				  module->cmdline);
	case MULTIBOOT_TAG_TYPE_ACPI_OLD:
	case MULTIBOOT_TAG_TYPE_ACPI_NEW:
		m->rsdp_size = tag->size - sizeof(*tag);
		if (m->rsdp_size > MACHINE_RSDP_SIZE)
			m->rsdp_size = MACHINE_RSDP_SIZE;
		memcpy(m->rsdp_copy, tag + 1, m->rsdp_size);
		return 0;
	case MULTIBOOT_TAG_TYPE_MMAP:
		for (; entry < (const u8 *)tag + tag->size && !error; entry += map->entry_size) {
			const struct multiboot_mmap_entry *e = (const void *)entry;

			error = range_add(m, e->addr, e->len, e->type);
		}
		return error;
	default: return 0;
	}
}

static int read_multiboot2(struct machine *m, u64 info)
{
	u64 end = info + *(u32 *)at(info);
	int error = 0;

	for (u64 p = info + 8; p < end && !error;) {
		const struct multiboot_tag *tag = at(p);

		if (tag->type == MULTIBOOT_TAG_TYPE_END)
			break;
		error = read_tag(m, tag);
		p += align_up((u64)tag->size, MULTIBOOT_TAG_ALIGN);
	}
	return error;
}

static void find_rsdp(struct machine *m)
{
	m->rsdp = 0;
	for (u64 p = RSDP_SEARCH_START; p < RSDP_SEARCH_END; p += 16)
		if (!memcmp(at(p), "RSD PTR ", 8))
			m->rsdp = p;
}

int machine_init(struct machine *m, u32 magic, u64 info)
{
	const struct hvm_start_info *pvh = at(info);
	int error;

	memmap_init(&m->map);
	if (magic == MULTIBOOT2_BOOTLOADER_MAGIC) {
		error = read_multiboot2(m, info);
	} else if (pvh->magic == HVM_START_MAGIC) {
		error = read_pvh(m, pvh);
	} else {
		log_error("started by an unknown loader: eax %#x ebx %#lx", magic, info);
		return -E_INVAL;
	}
	/* The firmware's own one outlives the loader's copy. */
	if (m->rsdp < RSDP_SEARCH_START || m->rsdp >= RSDP_SEARCH_END)
		find_rsdp(m);
	return error;
}

int machine_init_memory(const struct machine *m)
{
	static struct memmap free;
	int error = 0;

	free = m->map;
	error = memmap_set(&free, (u64)monitor_start, (u64)(monitor_end - monitor_start),
			   HVM_MEMMAP_RESERVED);
	for (unsigned int i = 0; i < m->module_count && !error; i++)
		error = memmap_set(&free, m->modules[i].start, m->modules[i].size,
				   HVM_MEMMAP_RESERVED);
	memory_init(&free);
	return error;
}
