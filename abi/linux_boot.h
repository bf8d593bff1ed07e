/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Linux x86 boot protocol as a loader of a bzImage uses it: offsets into the image's setup
 * header and into the page of boot parameters.
 * Spec: LINUX-BOOT (Documentation/arch/x86/boot.rst and zero-page.rst).
 */
#pragma once

#include "abi/bits.h"

/* boot.rst, "The Real-Mode Kernel Header": offsets from the start of file and of boot_params */
#define LINUX_SETUP_SECTS        0x1f1 /* u8 */
#define LINUX_SYSSIZE            0x1f4 /* u32: of the protected-mode part, in 16 bytes */
#define LINUX_VID_MODE           0x1fa /* u16 */
#define LINUX_BOOT_FLAG          0x1fe /* u16: 0xaa55 */
#define LINUX_JUMP               0x200 /* u16: the header ends at 0x202 + its high byte */
#define LINUX_HEADER             0x202 /* u32: "HdrS" */
#define LINUX_VERSION            0x206 /* u16 */
#define LINUX_TYPE_OF_LOADER     0x210 /* u8 */
#define LINUX_LOADFLAGS          0x211 /* u8 */
#define LINUX_CODE32_START       0x214 /* u32 */
#define LINUX_RAMDISK_IMAGE      0x218 /* u32 */
#define LINUX_RAMDISK_SIZE       0x21c /* u32 */
#define LINUX_CMD_LINE_PTR       0x228 /* u32 */
#define LINUX_INITRD_ADDR_MAX    0x22c /* u32 */
#define LINUX_KERNEL_ALIGNMENT   0x230 /* u32 */
#define LINUX_RELOCATABLE_KERNEL 0x234 /* u8 */
#define LINUX_XLOADFLAGS         0x236 /* u16 */
#define LINUX_CMDLINE_MAX        0x238 /* u32: without the terminating zero */
#define LINUX_SETUP_DATA         0x250 /* u64 */
#define LINUX_PREF_ADDRESS       0x258 /* u64 */
#define LINUX_INIT_SIZE          0x260 /* u32 */

#define LINUX_BOOT_FLAG_MAGIC     0xaa55
#define LINUX_HEADER_MAGIC        0x53726448
#define LINUX_VERSION_MIN         0x020c /* 2.12: xloadflags */
#define LINUX_LOADER_UNDEFINED    0xff
#define LINUX_CMDLINE_DEFAULT_MAX 2047 /* COMMAND_LINE_SIZE - 1 of x86, where no header tells */
#define LINUX_LOADED_HIGH         0x01
#define LINUX_CAN_USE_HEAP        0x80
#define LINUX_XLF_KERNEL_64       0x1
#define LINUX_XLF_ABOVE_4G        0x2
#define LINUX_VID_MODE_NORMAL     0xffff
#define LINUX_SETUP_SECT_SIZE     512
#define LINUX_SETUP_SECTS_DEFAULT 4
#define LINUX_SYSSIZE_UNIT        16
#define LINUX_ENTRY_64            0x200 /* from the load address of the protected-mode part */

/* zero-page.rst: offsets in boot_params that are not of the setup header */
#define LINUX_ACPI_RSDP_ADDR    0x070 /* u64 */
#define LINUX_EXT_RAMDISK_IMAGE 0x0c0 /* u32: bits 63:32 */
#define LINUX_EXT_RAMDISK_SIZE  0x0c4 /* u32 */
#define LINUX_EXT_CMD_LINE_PTR  0x0c8 /* u32 */
#define LINUX_CC_BLOB_ADDRESS   0x13c /* u32 */
#define LINUX_E820_ENTRIES      0x1e8 /* u8 */
#define LINUX_SENTINEL          0x1ef /* u8: 0, else fields outside of the header are cleared */
#define LINUX_E820_TABLE        0x2d0
#define LINUX_E820_MAX          128

#define LINUX_SETUP_CC_BLOB 7 /* setup_data.type */

/* boot.rst, "64-bit boot protocol": __BOOT_CS and __BOOT_DS */
#define LINUX_BOOT_CS 0x10
#define LINUX_BOOT_DS 0x18

#ifndef __ASSEMBLER__
struct __attribute__((packed)) linux_e820_entry {
	u64 addr;
	u64 size;
	u32 type;
};
ABI_SIZE(struct linux_e820_entry, 20);

struct linux_setup_data {
	u64 next;
	u32 type;
	u32 len; /* of the data after this header */
};
ABI_SIZE(struct linux_setup_data, 16);

/* The data of LINUX_SETUP_CC_BLOB: the 32-bit address of struct cc_blob_sev_info */
struct linux_setup_cc_blob {
	struct linux_setup_data header;
	u32 cc_blob_address;
	u32 pad;
};
ABI_SIZE(struct linux_setup_cc_blob, 24);
#endif
