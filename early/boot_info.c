/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the loader's memory, once, and lets the parser for this loader fill boot_info and the
 * memory map. A refusal is kept until it can be printed.
 */
#include <multiboot2.h>

#include "early/boot_info.h"
#include "early/boot_parse.h"
#include "early/efi.h"
#include "early/entry.h"
#include "early/launch_pages.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/string.h"

/* All that the early tables map as memory. */
#define READABLE_END U64_C(0xc0000000)

#define EFI_MAP_SIZE_MAX 0x8000
#define EFI_EXIT_TRIES   4

struct boot_info boot_info __ro_after_init;

extern const char __image_start[], __image_end[];

static struct boot_error boot_error __ro_after_init;
static __aligned_page u8 multiboot2_copy[BOOT_MULTIBOOT2_SIZE_MAX];
static u32 multiboot2_size;
static __aligned_page u8 efi_map[EFI_MAP_SIZE_MAX];
static u64 efi_map_size, efi_descriptor_size;

void efi_leave_boot_services(void); /* called by entry_efi64.S only */

/* Not where our own image lies: a loader that says so is wrong. */
int boot_read_memory(u64 address, void *to, size_t size)
{
	if (address >= READABLE_END || size > READABLE_END - address)
		return -E_FAULT;
	if (memory_map_meets_image(address, size))
		return -E_FAULT;
	memcpy(to, (const void *)(uintptr_t)address, size);
	return 0;
}

static int copy_multiboot2(void)
{
	return boot_multiboot2_copy(entry_record.magic, entry_record.info, boot_read_memory,
				    multiboot2_copy, &multiboot2_size, &boot_error);
}

/* As the specification asks: when the key is stale, the map has changed, so both again. */
static int efi_exit(const struct efi_boot_services *services, u64 image_handle)
{
	u64 status = EFI_SUCCESS, key;
	u32 version;

	for (int i = 0; i < EFI_EXIT_TRIES; i++) {
		efi_map_size = sizeof(efi_map);
		status = services->get_memory_map(&efi_map_size, efi_map, &key,
						  &efi_descriptor_size, &version);
		if (status != EFI_SUCCESS)
			return boot_refuse(&boot_error, "efi GetMemoryMap: status %#lx", status);
		status = services->exit_boot_services(image_handle, key);
		if (status == EFI_SUCCESS)
			return 0;
	}
	return boot_refuse(&boot_error, "efi ExitBootServices: status %#lx after %d tries", status,
			   EFI_EXIT_TRIES);
}

static int efi_leave(void)
{
	const struct efi_system_table *table;
	u64 table_address, image_handle;
	int err = copy_multiboot2();

	if (!err)
		err = boot_multiboot2_pointer(multiboot2_copy, multiboot2_size,
					      MULTIBOOT_TAG_TYPE_EFI64, &table_address,
					      &boot_error);
	if (!err)
		err = boot_multiboot2_pointer(multiboot2_copy, multiboot2_size,
					      MULTIBOOT_TAG_TYPE_EFI64_IH, &image_handle,
					      &boot_error);
	if (err)
		return err;
	if (!table_address || !image_handle)
		return boot_refuse(&boot_error, "multiboot2 tag %s: missing",
				   table_address ? "efi64_ih" : "efi64");
	table = (const struct efi_system_table *)(uintptr_t)table_address;
	if (table->header.signature != EFI_SYSTEM_TABLE_SIGNATURE)
		return boot_refuse(&boot_error, "multiboot2 tag efi64: %#lx is no system table",
				   table_address);
	err = boot_efi_blob_copy(table->configuration, table->configuration_count, boot_read_memory,
				 (void *)(uintptr_t)&launch_cpuid_page, &launch_secrets_page,
				 &boot_error);
	return err ? err : efi_exit(table->boot_services, image_handle);
}

/* On the firmware's stack and tables. A failure is kept, and the machine taken over anyway. */
void efi_leave_boot_services(void)
{
	int err = efi_leave();

	CHECK(!err == !boot_error.text[0]);
}

static int parse(struct boot_info *info)
{
	int err;

	switch (entry_record.loader) {
	case ENTRY_LOADER_PVH:
		return boot_pvh_parse(entry_record.info, boot_read_memory, info, &memory_map,
				      &boot_error);
	case ENTRY_LOADER_MULTIBOOT2:
		err = copy_multiboot2();
		if (err)
			return err;
		return boot_multiboot2_parse(multiboot2_copy, multiboot2_size, true, info,
					     &memory_map, &boot_error);
	case ENTRY_LOADER_MULTIBOOT2_EFI64:
		if (boot_error.text[0])
			return -E_INVAL;
		err = boot_multiboot2_parse(multiboot2_copy, multiboot2_size, false, info,
					    &memory_map, &boot_error);
		if (err)
			return err;
		return boot_efi_map_parse(efi_map, efi_map_size, efi_descriptor_size, &memory_map,
					  &boot_error);
	}
	panic("entered by loader %u", entry_record.loader);
}

static void finish(int err)
{
	if (!err)
		err = boot_ranges_finish(&memory_map, (u64)(uintptr_t)__image_start,
					 (u64)(uintptr_t)__image_end, &boot_error);
	CHECK(!err == !boot_error.text[0]);
}

void boot_info_init(void)
{
	if (entry_record.loader != ENTRY_LOADER_ROM)
		finish(parse(&boot_info));
}

/* A TD's map lies in its own memory since its launch; the command line does not. */
static int ask(const struct boot_ports *ports)
{
	int err = boot_fw_cfg_parse(ports, !entry_record.tdx, &boot_info, &memory_map, &boot_error);

	if (err || !entry_record.tdx)
		return err;
	return boot_td_hob_parse(launch_td_hob, sizeof(launch_td_hob), &memory_map, &boot_error);
}

void boot_info_ask(const struct boot_ports *ports)
{
	if (entry_record.loader == ENTRY_LOADER_ROM)
		finish(ask(ports));
}

const char *boot_info_error(void) { return boot_error.text[0] ? boot_error.text : NULL; }
