/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little of UEFI that leaving it needs. Functions have the Microsoft calling convention.
 * Spec: UEFI 2.10, sections 4.2 (tables), 4.6 (configuration table), 7.2 (memory map), 7.4
 * (ExitBootServices).
 */
#pragma once

#include "abi/bits.h"

#define EFI_SUCCESS           0
#define EFI_ERROR_BIT         BIT(63)
#define EFI_BUFFER_TOO_SMALL  (EFI_ERROR_BIT | 5)
#define EFI_INVALID_PARAMETER (EFI_ERROR_BIT | 2)

#define EFI_SYSTEM_TABLE_SIGNATURE U64_C(0x5453595320494249) /* "IBI SYST" */

#define EFI_LOADER_CODE         1
#define EFI_LOADER_DATA         2
#define EFI_BOOT_SERVICES_CODE  3
#define EFI_BOOT_SERVICES_DATA  4
#define EFI_CONVENTIONAL_MEMORY 7
#define EFI_UNUSABLE_MEMORY     8
#define EFI_ACPI_RECLAIM_MEMORY 9
#define EFI_ACPI_MEMORY_NVS     10
#define EFI_UNACCEPTED_MEMORY   15

#define efi_api __attribute__((ms_abi))

struct efi_table_header {
	u64 signature;
	u32 revision;
	u32 header_size;
	u32 crc32;
	u32 reserved;
};

struct efi_memory_descriptor {
	u32 type;
	u32 pad;
	u64 physical_start;
	u64 virtual_start;
	u64 page_count;
	u64 attribute;
};
ABI_SIZE(struct efi_memory_descriptor, 40);

struct efi_boot_services {
	struct efi_table_header header;
	u8 reserved_0x18[0x38 - 0x18];
	u64(efi_api *get_memory_map)(u64 *size, void *map, u64 *key, u64 *descriptor_size,
				     u32 *descriptor_version);
	u8 reserved_0x40[0xe8 - 0x40];
	u64(efi_api *exit_boot_services)(u64 image_handle, u64 key);
};
ABI_OFFSET(struct efi_boot_services, get_memory_map, 0x38);
ABI_OFFSET(struct efi_boot_services, exit_boot_services, 0xe8);

struct efi_guid {
	u8 bytes[16]; /* as it lies in memory */
};

struct efi_configuration_table {
	struct efi_guid guid;
	u64 table; /* physical address */
};
ABI_SIZE(struct efi_configuration_table, 24);

struct efi_system_table {
	struct efi_table_header header;
	u8 reserved_0x18[0x60 - 0x18];
	struct efi_boot_services *boot_services;
	u64 configuration_count;
	u64 configuration; /* physical address of as many struct efi_configuration_table */
};
ABI_OFFSET(struct efi_system_table, boot_services, 0x60);
ABI_OFFSET(struct efi_system_table, configuration, 0x70);

/* 067b1f5f-cf26-44c5-8554-93d777912d42, OVMF ConfidentialComputingSevSnpBlob: abi/sev.h has it */
/* clang-format off */
#define EFI_CC_BLOB_GUID                                                                           \
	{ { 0x5f, 0x1f, 0x7b, 0x06, 0x26, 0xcf, 0xc5, 0x44, 0x85, 0x54, 0x93, 0xd7, 0x77, 0x91,    \
	    0x2d, 0x42 } }
/* clang-format on */
