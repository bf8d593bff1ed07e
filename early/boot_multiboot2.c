/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The multiboot2 information, from a copy. Tags are walked by offset; a field is read with memcpy
 * after a check of the tag's size. Spec: MB2 3.6.
 */
#include <multiboot2.h>

#include "early/boot_parse.h"
#include "lib/string.h"

#define SOURCE      "multiboot2"
#define MMAP_SOURCE SOURCE " tag mmap"

struct info_header {
	u32 total_size;
	u32 reserved;
};

struct tag {
	struct multiboot_tag header;
	const u8 *data; /* behind the header */
	u32 size;       /* of the data */
};

int boot_multiboot2_copy(u64 magic, u64 address, boot_read_t read, void *copy, u32 *size,
			 struct boot_error *error)
{
	struct info_header header;

	if (magic != MULTIBOOT2_BOOTLOADER_MAGIC)
		return boot_refuse(error, SOURCE " magic: %#lx is not %#x", magic,
				   MULTIBOOT2_BOOTLOADER_MAGIC);
	if (address % MULTIBOOT_INFO_ALIGN)
		return boot_refuse(error, SOURCE " information: %#lx is not aligned", address);
	if (read(address, &header, sizeof(header)))
		return boot_refuse(error, SOURCE " information: %#lx is not readable", address);
	if (header.total_size < sizeof(header) + sizeof(struct multiboot_tag) ||
	    header.total_size > BOOT_MULTIBOOT2_SIZE_MAX)
		return boot_refuse(error, SOURCE " total_size: %u is not 16 to %u",
				   header.total_size, BOOT_MULTIBOOT2_SIZE_MAX);
	if (read(address, copy, header.total_size))
		return boot_refuse(error, SOURCE " total_size: %u bytes at %#lx are not readable",
				   header.total_size, address);
	*size = header.total_size;
	return 0;
}

/* The tag at *offset, which moves on; -E_NOENT at the end tag. */
static int next_tag(const u8 *copy, u32 size, u32 *offset, struct tag *tag,
		    struct boot_error *error)
{
	u32 at = *offset;

	if (at > size || size - at < sizeof(tag->header))
		return boot_refuse(error, SOURCE " tag at %#x: no room, and no end tag before", at);
	memcpy(&tag->header, copy + at, sizeof(tag->header));
	if (tag->header.size < sizeof(tag->header) || tag->header.size > size - at)
		return boot_refuse(error, SOURCE " tag %u at %#x: size %u does not fit",
				   tag->header.type, at, tag->header.size);
	if (tag->header.type == MULTIBOOT_TAG_TYPE_END)
		return -E_NOENT;
	tag->data = copy + at + sizeof(tag->header);
	tag->size = tag->header.size - (u32)sizeof(tag->header);
	*offset = align_up(at + tag->header.size, MULTIBOOT_TAG_ALIGN);
	return 0;
}

static int parse_cmdline(const struct tag *tag, struct boot_info *info, struct boot_error *error)
{
	size_t length = strnlen((const char *)tag->data, tag->size);

	if (length == tag->size)
		return boot_refuse(error, SOURCE " tag cmdline: not terminated");
	if (length >= BOOT_CMDLINE_MAX)
		return boot_refuse(error, SOURCE " tag cmdline: %zu bytes are more than %d", length,
				   BOOT_CMDLINE_MAX - 1);
	memcpy(info->cmdline, tag->data, length + 1);
	return 0;
}

static enum memory_type range_type(u32 type)
{
	switch (type) {
	case MULTIBOOT_MEMORY_AVAILABLE: return MEMORY_RAM;
	case MULTIBOOT_MEMORY_ACPI_RECLAIMABLE: return MEMORY_ACPI;
	case MULTIBOOT_MEMORY_NVS: return MEMORY_NVS;
	case MULTIBOOT_MEMORY_BADRAM: return MEMORY_UNUSABLE;
	}
	return MEMORY_RESERVED; /* MB2 3.6.8: all other values */
}

static int parse_mmap_entries(const u8 *data, u32 size, u32 entry_size, struct memory_map *map,
			      struct boot_error *error)
{
	for (u32 i = 0; i < size / entry_size; i++) {
		struct multiboot_mmap_entry entry;
		int err;

		memcpy(&entry, data + i * entry_size, sizeof(entry));
		err = boot_range_add(map, i,
				     (struct memory_range){ .start = entry.addr,
							    .size = entry.len,
							    .type = range_type(entry.type),
							    .giver = MMAP_SOURCE },
				     error);
		if (err)
			return err;
	}
	return 0;
}

static int parse_mmap(const struct tag *tag, struct memory_map *map, struct boot_error *error)
{
	const u32 fixed = sizeof(struct multiboot_tag_mmap) - sizeof(struct multiboot_tag);
	struct {
		u32 entry_size;
		u32 entry_version;
	} head;

	if (map->count)
		return boot_refuse(error, MMAP_SOURCE ": there are two");
	if (tag->size < fixed)
		return boot_refuse(error, MMAP_SOURCE ": size %u is too small", tag->header.size);
	memcpy(&head, tag->data, sizeof(head));
	if (head.entry_size % 8)
		return boot_refuse(error, MMAP_SOURCE ": entry_size %u is not a multiple of 8",
				   head.entry_size);
	if (head.entry_size < sizeof(struct multiboot_mmap_entry) || head.entry_size > PAGE_SIZE)
		return boot_refuse(error, MMAP_SOURCE ": entry_size %u is not 24 to %u",
				   head.entry_size, PAGE_SIZE);
	if ((tag->size - fixed) % head.entry_size)
		return boot_refuse(error, MMAP_SOURCE ": size %u is not whole entries of %u",
				   tag->header.size, head.entry_size);
	return parse_mmap_entries(tag->data + fixed, tag->size - fixed, head.entry_size, map,
				  error);
}

/* The loader's copy of the RSDP, in our copy: lives as long as we do. ACPI 5.2.5.3 */
static int parse_rsdp(const struct tag *tag, u32 size, struct boot_info *info,
		      struct boot_error *error)
{
	if (tag->size < size)
		return boot_refuse(error, SOURCE " tag rsdp: size %u is too small",
				   tag->header.size);
	info->rsdp = (u64)(uintptr_t)tag->data;
	return 0;
}

#define RSDP_SIZE_ACPI_1 20
#define RSDP_SIZE_ACPI_2 36

static int parse_tag(const struct tag *tag, struct boot_info *info, struct memory_map *map,
		     struct boot_error *error)
{
	switch (tag->header.type) {
	case MULTIBOOT_TAG_TYPE_CMDLINE: return parse_cmdline(tag, info, error);
	case MULTIBOOT_TAG_TYPE_MMAP: return parse_mmap(tag, map, error);
	case MULTIBOOT_TAG_TYPE_ACPI_OLD:
		return info->rsdp ? 0 : parse_rsdp(tag, RSDP_SIZE_ACPI_1, info, error);
	case MULTIBOOT_TAG_TYPE_ACPI_NEW: return parse_rsdp(tag, RSDP_SIZE_ACPI_2, info, error);
	}
	return 0;
}

int boot_multiboot2_parse(const void *copy, u32 size, bool need_map, struct boot_info *info,
			  struct memory_map *map, struct boot_error *error)
{
	u32 offset = sizeof(struct info_header);
	struct tag tag;
	int err;

	info->loader = need_map ? "multiboot2" : "multiboot2-efi64";
	while (!(err = next_tag(copy, size, &offset, &tag, error))) {
		if (tag.header.type == MULTIBOOT_TAG_TYPE_MMAP && !need_map)
			continue; /* the firmware's own is newer */
		err = parse_tag(&tag, info, map, error);
		if (err)
			return err;
	}
	if (err != -E_NOENT)
		return err;
	if (need_map && !map->count)
		return boot_refuse(error, MMAP_SOURCE ": missing or empty");
	return 0;
}

int boot_multiboot2_pointer(const void *copy, u32 size, u32 type, u64 *value,
			    struct boot_error *error)
{
	u32 offset = sizeof(struct info_header);
	struct tag tag;
	int err;

	*value = 0;
	while (!(err = next_tag(copy, size, &offset, &tag, error))) {
		if (tag.header.type != type)
			continue;
		if (tag.size != sizeof(*value))
			return boot_refuse(error, SOURCE " tag %u: size %u is not 16", type,
					   tag.header.size);
		memcpy(value, tag.data, sizeof(*value));
	}
	return err == -E_NOENT ? 0 : err;
}
