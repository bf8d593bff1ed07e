/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The little of UEFI that leaving it needs. Functions have the Microsoft calling convention.
 * Spec: UEFI 2.10, sections 4.2 (tables), 4.6 (configuration table), 7.2 (memory map), 7.3
 * (protocols), 7.4 (ExitBootServices), 9.1 (loaded image), 38.2 (measurements of a TD).
 */
#pragma once

#include "abi/bits.h"
#include "lib/compiler.h"

#define EFI_SUCCESS           0
#define EFI_ERROR_BIT         BIT(63)
#define EFI_BUFFER_TOO_SMALL  (EFI_ERROR_BIT | 5)
#define EFI_INVALID_PARAMETER (EFI_ERROR_BIT | 2)
#define EFI_VOLUME_FULL       (EFI_ERROR_BIT | 11)

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

struct efi_guid {
	u8 bytes[16]; /* as it lies in memory */
};

struct efi_boot_services {
	struct efi_table_header header;
	u8 reserved_0x18[0x38 - 0x18];
	u64(efi_api *get_memory_map)(u64 *size, void *map, u64 *key, u64 *descriptor_size,
				     u32 *descriptor_version);
	u8 reserved_0x40[0x98 - 0x40];
	u64(efi_api *handle_protocol)(u64 handle, const struct efi_guid *protocol,
				      void **interface);
	u8 reserved_0xa0[0xe8 - 0xa0];
	u64(efi_api *exit_boot_services)(u64 image_handle, u64 key);
	u8 reserved_0xf0[0x140 - 0xf0];
	u64(efi_api *locate_protocol)(const struct efi_guid *protocol, void *registration,
				      void **interface);
};
ABI_OFFSET(struct efi_boot_services, get_memory_map, 0x38);
ABI_OFFSET(struct efi_boot_services, handle_protocol, 0x98);
ABI_OFFSET(struct efi_boot_services, exit_boot_services, 0xe8);
ABI_OFFSET(struct efi_boot_services, locate_protocol, 0x140);

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

struct efi_loaded_image {
	u8 reserved_0x0[0x30];
	u32 load_options_size; /* bytes */
	u32 reserved_0x34;
	u64 load_options; /* physical address of UCS-2 */
};
ABI_OFFSET(struct efi_loaded_image, load_options_size, 0x30);
ABI_OFFSET(struct efi_loaded_image, load_options, 0x38);

struct efi_memory_acceptance {
	u64(efi_api *allow_unaccepted_memory)(struct efi_memory_acceptance *self);
};

#define EFI_CC_TYPE_TDX             2 /* 38.4.1: register 0 is MRTD, those behind are RTMRs */
#define EFI_CC_REGISTER_RTMR2       3
#define EFI_CC_EVENT_HEADER_SIZE    14
#define EFI_CC_EVENT_HEADER_VERSION 1

struct efi_cc_capability {
	u8 size; /* bytes, of all of it */
	u8 structure_version[2];
	u8 protocol_version[2];
	u8 reserved_0x5[3];
	u32 hash_algorithms;
	u32 log_formats;
	u8 cc_type;
	u8 cc_subtype;
	u8 reserved_0x12[2];
};
ABI_OFFSET(struct efi_cc_capability, cc_type, 0x10);

struct efi_cc_event {
	u32 size; /* bytes, with the event's data, which follow */
	u32 header_size;
	u16 header_version;
	u32 register_index;
	u32 type;
} __packed;
ABI_SIZE(struct efi_cc_event, 4 + EFI_CC_EVENT_HEADER_SIZE);

struct efi_cc_measurement {
	u64(efi_api *get_capability)(struct efi_cc_measurement *self,
				     struct efi_cc_capability *capability);
	u64 get_event_log;
	/* Extends by the hash of the data, and logs the event, in whatever log has room. */
	u64(efi_api *hash_log_extend_event)(struct efi_cc_measurement *self, u64 flags, u64 data,
					    u64 size, const struct efi_cc_event *event);
	u64 map_pcr_to_mr_index;
};
ABI_OFFSET(struct efi_cc_measurement, hash_log_extend_event, 0x10);

/* clang-format off */
#define EFI_GUID(a, b0, b1, c0, c1, d0, d1, d2, d3, d4, d5, d6, d7)                                \
	{ { (a) & 0xff, (a) >> 8 & 0xff, (a) >> 16 & 0xff, (a) >> 24 & 0xff, b1, b0, c1, c0,       \
	    d0, d1, d2, d3, d4, d5, d6, d7 } }
/* clang-format on */

/* 5b1b31a1-9562-11d2-8e3f-00a0c969723b: UEFI 2.10, 9.1 */
#define EFI_LOADED_IMAGE_GUID                                                                      \
	EFI_GUID(0x5b1b31a1, 0x95, 0x62, 0x11, 0xd2, 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b)
/* 8868e871-e4f1-11d3-bc22-0080c73c8881 and eb9d2d30-2d88-11d3-9a16-0090273fc14d: UEFI 2.10, 4.6 */
#define EFI_ACPI_20_TABLE_GUID                                                                     \
	EFI_GUID(0x8868e871, 0xe4, 0xf1, 0x11, 0xd3, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81)
#define EFI_ACPI_TABLE_GUID                                                                        \
	EFI_GUID(0xeb9d2d30, 0x2d, 0x88, 0x11, 0xd3, 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d)
/* c5a010fe-38a7-4531-8a4a-0500d2fd1649: OVMF, MemoryAcceptProtocol of bug 3987 */
#define EFI_MEMORY_ACCEPTANCE_GUID                                                                 \
	EFI_GUID(0xc5a010fe, 0x38, 0xa7, 0x45, 0x31, 0x8a, 0x4a, 0x05, 0x00, 0xd2, 0xfd, 0x16, 0x49)
/* 067b1f5f-cf26-44c5-8554-93d777912d42, OVMF ConfidentialComputingSevSnpBlob: abi/sev.h has it */
#define EFI_CC_BLOB_GUID                                                                           \
	EFI_GUID(0x067b1f5f, 0xcf, 0x26, 0x44, 0xc5, 0x85, 0x54, 0x93, 0xd7, 0x77, 0x91, 0x2d, 0x42)
/* 96751a3d-72f4-41a6-a794-ed5d0e67ae6b: UEFI 2.10, 38.2.1 */
#define EFI_CC_MEASUREMENT_GUID                                                                    \
	EFI_GUID(0x96751a3d, 0x72, 0xf4, 0x41, 0xa6, 0xa7, 0x94, 0xed, 0x5d, 0x0e, 0x67, 0xae, 0x6b)
