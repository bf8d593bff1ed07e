/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of UEFI before it is left, on its stack and with its tables: the command line, the
 * tables that outlive it, the memory map. Then it is left, and all of the machine is ours.
 * Spec: UEFI 2.10, 4.6 (configuration table), 7.4 (ExitBootServices), 9.1 (loaded image).
 */
#include "early/boot_efi.h"
#include "early/efi.h"
#include "early/launch_pages.h"
#include "lib/compiler.h"
#include "lib/string.h"

#define EFI_MAP_SIZE_MAX 0x8000
#define EFI_EXIT_TRIES   4

static __aligned_page u8 kept_map[EFI_MAP_SIZE_MAX];
static u64 kept_map_size, efi_descriptor_size;

/* As the specification asks: when the key is stale, the map has changed, so both again. */
static int exit_boot_services(const struct efi_boot_services *services, u64 image_handle,
			      struct boot_error *error)
{
	u64 status = EFI_SUCCESS, key;
	u32 version;

	for (int i = 0; i < EFI_EXIT_TRIES; i++) {
		kept_map_size = sizeof(kept_map);
		status = services->get_memory_map(&kept_map_size, kept_map, &key,
						  &efi_descriptor_size, &version);
		if (status != EFI_SUCCESS)
			return boot_refuse(error, "efi GetMemoryMap: status %#lx", status);
		if (kept_map_size > sizeof(kept_map))
			return boot_refuse(error, "efi GetMemoryMap: %lu bytes in %zu",
					   kept_map_size, sizeof(kept_map));
		status = services->exit_boot_services(image_handle, key);
		if (status == EFI_SUCCESS)
			return 0;
	}
	return boot_refuse(error, "efi ExitBootServices: status %#lx after %d tries", status,
			   EFI_EXIT_TRIES);
}

/*
 * Else firmware accepts all memory before it is left, for systems that cannot. Who has no such
 * protocol has nothing to accept, or leaves it to us unasked. Spec: OVMF, bug 3987.
 */
static void allow_unaccepted_memory(const struct efi_boot_services *services)
{
	static const struct efi_guid guid = EFI_MEMORY_ACCEPTANCE_GUID;
	struct efi_memory_acceptance *protocol;

	if (services->locate_protocol(&guid, NULL, (void **)&protocol) == EFI_SUCCESS)
		protocol->allow_unaccepted_memory(protocol);
}

/* Its own tables map all that it has, wherever that is. */
static int read_firmware(u64 address, void *to, size_t size)
{
	if (address + size < address || memory_map_meets_image(address, size))
		return -E_FAULT;
	memcpy(to, (const void *)(uintptr_t)address, size);
	return 0;
}

static int check_table(const struct efi_system_table *table, struct boot_error *error)
{
	if (table->header.signature == EFI_SYSTEM_TABLE_SIGNATURE)
		return 0;
	return boot_refuse(error, "efi system table: %p is none", (const void *)table);
}

int boot_efi_leave(u64 table_address, u64 image_handle, const char *words, bool *is_measured,
		   struct boot_error *error)
{
	const struct efi_system_table *table =
		(const struct efi_system_table *)(uintptr_t)table_address;
	int err = check_table(table, error);

	if (!err)
		err = boot_efi_blob_copy(table->configuration, table->configuration_count,
					 read_firmware, (void *)(uintptr_t)&launch_cpuid_page,
					 &launch_secrets_page, error);
	if (!err)
		err = boot_efi_measure(table->boot_services, words, is_measured, error);
	if (err)
		return err;
	allow_unaccepted_memory(table->boot_services);
	return exit_boot_services(table->boot_services, image_handle, error);
}

/* The whole of the loader's words, or none where they are too many to be words. */
static int read_options(const struct efi_loaded_image *image, struct boot_info *info,
			struct boot_error *error)
{
	static u16 options[BOOT_EFI_OPTIONS_MAX];
	u32 size = image->load_options_size;

	if (!size || !image->load_options)
		return 0;
	if (size > sizeof(options))
		return boot_refuse(error, "efi load options: %u bytes are more than %zu", size,
				   sizeof(options));
	if (read_firmware(image->load_options, options, size))
		return boot_refuse(error, "efi load options: %#lx is not readable",
				   image->load_options);
	return boot_efi_options_parse(options, size, info, error);
}

int boot_efi_application(u64 table_address, u64 image_handle, struct boot_info *info,
			 struct boot_error *error)
{
	static const struct efi_guid guid = EFI_LOADED_IMAGE_GUID;
	const struct efi_system_table *table =
		(const struct efi_system_table *)(uintptr_t)table_address;
	struct efi_loaded_image *image;
	u64 status;
	int err = check_table(table, error);

	info->loader = "efi";
	if (err)
		return err;
	status = table->boot_services->handle_protocol(image_handle, &guid, (void **)&image);
	if (status != EFI_SUCCESS)
		return boot_refuse(error, "efi loaded image: status %#lx", status);
	err = read_options(image, info, error);
	if (!err)
		err = boot_efi_rsdp(table->configuration, table->configuration_count, read_firmware,
				    &info->rsdp, error);
	return err;
}

int boot_efi_map(struct memory_map *map, struct boot_error *error)
{
	return boot_efi_map_parse(kept_map, kept_map_size, efi_descriptor_size, map, error);
}
