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

static int copy_cmdline(struct machine *m, const char *from)
{
	size_t length = strnlen(from, sizeof(m->cmdline));

	if (length == sizeof(m->cmdline)) {
		log_error("the command line is longer than %u bytes", MACHINE_CMDLINE_SIZE - 1);
		return -E_2BIG;
	}
	memcpy(m->cmdline, from, length + 1);
	return 0;
}

/* The first word, as much of it as any name here has. */
static void copy_name(struct machine_module *module, const char *cmdline)
{
	size_t length = 0;

	while (cmdline[length] && cmdline[length] != ' ' && length < sizeof(module->name) - 1)
		length++;
	memcpy(module->name, cmdline, length);
	module->name[length] = 0;
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

static int bad_tag(const struct multiboot_tag *tag)
{
	log_error("the loader's tag %u of %u bytes is malformed", tag->type, tag->size);
	return -E_INVAL;
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
	copy_name(module, cmdline);
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
	if (!error && info->cmdline_paddr)
		error = copy_cmdline(m, at(info->cmdline_paddr));
	m->rsdp = info->rsdp_paddr;
	return error;
}

/* entry_size is "guaranteed to be a multiple of 8": multiboot2 1.7, 3.6.8 */
static int read_map(struct machine *m, const struct multiboot_tag_mmap *map)
{
	u32 used = sizeof(*map), step = map->size < used ? 0 : map->entry_size;
	int error = 0;

	if (step < sizeof(map->entries[0]) || step > map->size || step % MULTIBOOT_TAG_ALIGN)
		return bad_tag((const void *)map);
	for (; step <= map->size - used && !error; used += step) {
		const struct multiboot_mmap_entry *e = (const void *)((const u8 *)map + used);

		error = range_add(m, e->addr, e->len, e->type);
	}
	return error;
}

static int read_rsdp(struct machine *m, const struct multiboot_tag *tag)
{
	u32 size = tag->size - (u32)sizeof(*tag);

	m->rsdp_size = size < MACHINE_RSDP_SIZE ? size : MACHINE_RSDP_SIZE;
	memcpy(m->rsdp_copy, tag + 1, m->rsdp_size);
	return 0;
}

/* A tag with a text at its end: it must be one. */
static bool has_text(const struct multiboot_tag *tag, u32 offset)
{
	return tag->size > offset &&
	       strnlen((const char *)tag + offset, tag->size - offset) < tag->size - offset;
}

static int read_module(struct machine *m, const struct multiboot_tag_module *module)
{
	if (!has_text((const void *)module, sizeof(*module)) || module->mod_end < module->mod_start)
		return bad_tag((const void *)module);
	return module_add(m, module->mod_start, module->mod_end - module->mod_start,
			  module->cmdline);
}

static int read_cmdline(struct machine *m, const struct multiboot_tag_string *cmdline)
{
	if (!has_text((const void *)cmdline, sizeof(*cmdline)))
		return bad_tag((const void *)cmdline);
	return copy_cmdline(m, cmdline->string);
}

/* @tag is all there, and has its own head at least. */
static int read_tag(struct machine *m, const struct multiboot_tag *tag)
{
	switch (tag->type) {
	case MULTIBOOT_TAG_TYPE_CMDLINE: return read_cmdline(m, (const void *)tag);
	case MULTIBOOT_TAG_TYPE_MODULE: return read_module(m, (const void *)tag);
	case MULTIBOOT_TAG_TYPE_ACPI_OLD:
	case MULTIBOOT_TAG_TYPE_ACPI_NEW: return read_rsdp(m, tag);
	case MULTIBOOT_TAG_TYPE_MMAP: return read_map(m, (const void *)tag);
	default: return 0;
	}
}

static int read_multiboot2(struct machine *m, u64 info)
{
	u64 end = info + *(u32 *)at(info);
	int error = 0;

	for (u64 p = info + 8; p + sizeof(struct multiboot_tag) <= end && !error;) {
		const struct multiboot_tag *tag = at(p);

		if (tag->size < sizeof(*tag) || tag->size > end - p)
			return bad_tag(tag);
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
