/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UEFI's memory map: what boot services used is RAM again. Firmware has accepted all but what it
 * calls unaccepted. Spec: UEFI 2.10, table 7-10.
 */
#include "early/boot_parse.h"
#include "early/efi.h"
#include "lib/string.h"

#define SOURCE "efi memory map"

static enum memory_type range_type(u32 type)
{
	switch (type) {
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_BOOT_SERVICES_CODE:
	case EFI_BOOT_SERVICES_DATA:
	case EFI_CONVENTIONAL_MEMORY:
	case EFI_UNACCEPTED_MEMORY: return MEMORY_RAM;
	case EFI_ACPI_RECLAIM_MEMORY: return MEMORY_ACPI;
	case EFI_ACPI_MEMORY_NVS: return MEMORY_NVS;
	case EFI_UNUSABLE_MEMORY: return MEMORY_UNUSABLE;
	}
	return MEMORY_RESERVED;
}

int boot_efi_map_parse(const void *efi_map, u64 size, u64 descriptor_size, struct memory_map *map,
		       struct boot_error *error)
{
	struct efi_memory_descriptor d;

	if (descriptor_size < sizeof(d) || descriptor_size > PAGE_SIZE)
		return boot_refuse(error, SOURCE ": descriptor size %lu is not 40 to %u",
				   descriptor_size, PAGE_SIZE);
	if (!size || size % descriptor_size)
		return boot_refuse(error, SOURCE ": size %lu is not whole descriptors of %lu", size,
				   descriptor_size);
	for (u64 i = 0; i < size / descriptor_size; i++) {
		int err;

		memcpy(&d, (const u8 *)efi_map + i * descriptor_size, sizeof(d));
		if (d.page_count > ~U64_C(0) >> PAGE_SHIFT)
			return boot_refuse(error, SOURCE ": entry %lu has %#lx pages", i,
					   d.page_count);
		err = boot_range_add(map, i,
				     (struct memory_range){
					     .start = d.physical_start,
					     .size = d.page_count << PAGE_SHIFT,
					     .type = range_type(d.type),
					     .accepted = d.type != EFI_UNACCEPTED_MEMORY,
					     .giver = SOURCE,
				     },
				     error);
		if (err)
			return err;
	}
	return 0;
}
