/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsers of what loaders say, one for each: pure functions, over a copy or over a callback that
 * reads the loader's memory once. Tested and fuzzed natively. Each returns 0, or -E_INVAL with a
 * sentence in *error that names the tag or the field.
 */
#pragma once

#include "early/boot_cpus.h"
#include "early/boot_info.h"
#include "early/memory_map.h"
#include "lib/compiler.h"
#include "lib/errno.h"

struct boot_error {
	char text[160];
};

/* Reads @size bytes at @address of the loader's memory: 0, or -E_FAULT where there is none. */
typedef int (*boot_read_t)(u64 address, void *to, size_t size);

/* Formats the sentence; returns -E_INVAL. */
int boot_refuse(struct boot_error *error, const char *fmt, ...) printf_like(2, 3);

/*
 * Adds a range that its giver calls number @index. Empty ones are dropped, neighbours of which all
 * is the same are merged; a wrap, an overlap or too many are refused.
 */
int must_check boot_range_add(struct memory_map *map, u64 index, struct memory_range range,
			      struct boot_error *error);
/* RAM, of a giver that does not speak of the PC's hole: without it. */
int must_check boot_range_add_ram(struct memory_map *map, u64 index, struct memory_range range,
				  struct boot_error *error);
/* The type that e820 maps, PVH's among them, call @type; an unknown one is not RAM. */
enum memory_type boot_e820_type(u32 type);
/*
 * Trims RAM inwards to whole pages, and makes [image_start, image_end) of it our image; refuses a
 * map whose RAM lacks it.
 */
int must_check boot_ranges_finish(struct memory_map *map, u64 image_start, u64 image_end,
				  struct boot_error *error);

int must_check boot_pvh_parse(u64 start_info, boot_read_t read, struct boot_info *info,
			      struct memory_map *map, struct boot_error *error);

#define BOOT_MULTIBOOT2_SIZE_MAX 0x10000
/* Copies the whole of multiboot2's information to @copy, BOOT_MULTIBOOT2_SIZE_MAX bytes. */
int must_check boot_multiboot2_copy(u64 magic, u64 address, boot_read_t read, void *copy, u32 *size,
				    struct boot_error *error);
/* Everything but the memory map of a hand-over with boot services, which has none. */
int must_check boot_multiboot2_parse(const void *copy, u32 size, bool need_map,
				     struct boot_info *info, struct memory_map *map,
				     struct boot_error *error);
/* The 64-bit pointer of tag @type (EFI64, EFI64_IH); *value is 0 without such a tag. */
int must_check boot_multiboot2_pointer(const void *copy, u32 size, u32 type, u64 *value,
				       struct boot_error *error);

/* The command line, the number of processors, and with @need_map the memory map. */
int must_check boot_fw_cfg_parse(const struct boot_ports *ports, bool need_map,
				 struct boot_info *info, struct memory_map *map,
				 struct boot_error *error);
/* The memory map, from the @size bytes of a TD's own memory at @hob. */
int must_check boot_td_hob_parse(const void *hob, size_t size, struct memory_map *map,
				 struct boot_error *error);

/*
 * The CPUID and secrets pages that an SNP launch gave firmware, from the CC blob among the @count
 * entries of EFI's configuration table at @tables: copied once. Without a blob nothing is, and that
 * is no error.
 */
int must_check boot_efi_blob_copy(u64 tables, u64 count, boot_read_t read, void *cpuid_page,
				  void *secrets_page, struct boot_error *error);

/* ACPI's root in *rsdp, or 0, from the same table: the one of version 2 where there are both. */
int must_check boot_efi_rsdp(u64 tables, u64 count, boot_read_t read, u64 *rsdp,
			     struct boot_error *error);

#define BOOT_EFI_OPTIONS_MAX (2 * BOOT_CMDLINE_MAX) /* characters, with the program's name */
/* The command line, from an application's load options of @size bytes, copied. */
int must_check boot_efi_options_parse(const u16 *options, u32 size, struct boot_info *info,
				      struct boot_error *error);

/* The processors, from the RSDP at @rsdp on. */
int must_check boot_acpi_parse(u64 rsdp, boot_read_t read, struct boot_cpus *cpus,
			       struct boot_error *error);

/* The memory map of GetMemoryMap(). */
int must_check boot_efi_map_parse(const void *efi_map, u64 size, u64 descriptor_size,
				  struct memory_map *map, struct boot_error *error);
