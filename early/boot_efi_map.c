/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UEFI's memory map: what boot services used is RAM again. Spec: UEFI 2.10, table 7-10.
 */
#include "early/boot_parse.h"
#include "early/efi.h"
#include "lib/string.h"

#define SOURCE "efi memory map"

static enum boot_range_type range_type(u32 type)
{
	switch (type) {
	case EFI_LOADER_CODE:
	case EFI_LOADER_DATA:
	case EFI_BOOT_SERVICES_CODE:
	case EFI_BOOT_SERVICES_DATA:
	case EFI_CONVENTIONAL_MEMORY: return BOOT_RANGE_RAM;
	case EFI_ACPI_RECLAIM_MEMORY: return BOOT_RANGE_ACPI;
	case EFI_ACPI_MEMORY_NVS: return BOOT_RANGE_NVS;
	case EFI_UNUSABLE_MEMORY: return BOOT_RANGE_UNUSABLE;
	}
	return BOOT_RANGE_RESERVED;
}

int boot_efi_map_parse(const void *map, u64 size, u64 descriptor_size, struct boot_info *info,
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

		memcpy(&d, (const u8 *)map + i * descriptor_size, sizeof(d));
		if (d.page_count > ~U64_C(0) >> PAGE_SHIFT)
			return boot_refuse(error, SOURCE ": entry %lu has %#lx pages", i,
					   d.page_count);
		err = boot_range_add(info, SOURCE, i, d.physical_start, d.page_count << PAGE_SHIFT,
				     range_type(d.type), error);
		if (err)
			return err;
	}
	return 0;
}
