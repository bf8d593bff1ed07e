/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a virtual machine monitor looks for in a firmware image, which ends at 4G: the table of
 * GUIDed entries and the two descriptors that it points to. And QEMU's fw_cfg, by which firmware
 * asks it back. C and assembly.
 * Spec: OVMF ResetVector/Ia16/ResetVectorVtf0 (table), X64/OvmfSevMetadata; QEMU-FW-CFG.
 */
#pragma once

#include "abi/bits.h"

/*
 * The table ends FIRMWARE_TABLE_END below the image's end. An entry is data, a u16 length of all
 * three, a GUID; the last entry has no data, and its length is the whole table's.
 *
 *   ... | data | length | GUID | data | length | GUID | length of table | footer's GUID | 32 bytes
 */
#define FIRMWARE_TABLE_END        0x20
#define FIRMWARE_ENTRY_SIZE(data) ((data) + 2 + 16)

/* As UUIDs are written: {32 bits, 16, 16, the last 64 bits as one number, first byte highest} */
#define GUID_TABLE_FOOTER    0x96b582de, 0x1fb2, 0x45f7, 0xbaeaa366c55a082d
#define GUID_SEV_HASH_TABLE  0x7255371f, 0x3a3b, 0x4b04, 0x927b1da6efa8d454
#define GUID_SEV_METADATA    0xdc886566, 0x984a, 0x4798, 0xa75e5585a7bf67cc
#define GUID_SEV_ES_RESET    0x00f771de, 0x1a7e, 0x4fcb, 0x890e68c77e2fb44e
#define GUID_TDX_METADATA    0xe47a6535, 0x984a, 0x4798, 0x865e4685a7bf8ec2
#define GUID_TDVF_DESCRIPTOR 0xe9eaf9f3, 0x168e, 0x44d5, 0xa8eb7f4d8738f6ae

/* SEV metadata: 16 bytes {signature, length, version, count}, then launch_section's fields. */
#define SEV_METADATA_SIGNATURE 0x56455341 /* "ASEV" */
#define SEV_METADATA_VERSION   1

/* TDX metadata: TDVF's descriptor (abi/tdx.h), its GUID before it, which the offset skips. */

/* fw_cfg: a key, 16 bits to the selector, starts its item; each read of the data port is a byte. */
#define PORT_FW_CFG_SELECTOR 0x510
#define PORT_FW_CFG_DATA     0x511
#define FW_CFG_SIGNATURE     0x0000 /* "QEMU" */
#define FW_CFG_INTERFACE     0x0001 /* u32 */
#define FW_CFG_UUID          0x0002 /* 16 bytes */
#define FW_CFG_RAM_SIZE      0x0003 /* u64 */
#define FW_CFG_NOGRAPHIC     0x0004 /* u16 */
#define FW_CFG_CPU_COUNT     0x0005 /* u16 */
#define FW_CFG_NUMA          0x000d /* u64 each */
#define FW_CFG_BOOT_MENU     0x000e /* u16 */
#define FW_CFG_CPU_MAX       0x000f
#define FW_CFG_DIRECTORY     0x0019 /* big-endian u32 count, then the files */
/* x86's own: FW_CFG_ARCH_LOCAL is bit 15 */
#define FW_CFG_ACPI_TABLES    0x8000
#define FW_CFG_SMBIOS_ENTRIES 0x8001
#define FW_CFG_IRQ0_OVERRIDE  0x8002
#define FW_CFG_HPET           0x8004

/* A kernel that firmware is to start: sizes are u32; a bzImage's setup is apart. */
#define FW_CFG_KERNEL_SIZE  0x0008
#define FW_CFG_INITRD_SIZE  0x000b
#define FW_CFG_KERNEL_DATA  0x0011
#define FW_CFG_INITRD_DATA  0x0012
#define FW_CFG_CMDLINE_SIZE 0x0014 /* with the zero behind it */
#define FW_CFG_CMDLINE_DATA 0x0015
#define FW_CFG_SETUP_SIZE   0x0017
#define FW_CFG_SETUP_DATA   0x0018

/*
 * Our own ROM and image: 64 bits of the image's memory that let other processors in. They may come
 * at any time, before there is an image too: then the gate is what memory holds behind a key that
 * the host has not.
 */
#define ROM_GATE_OPEN_LOW  0x1e7a90c5
#define ROM_GATE_OPEN_HIGH 0xb3d86f24

#define FW_CFG_INTERFACE_PORTS BIT(0)
#define FW_CFG_INTERFACE_DMA   BIT(1)

/* The address of a struct fw_cfg_dma, big-endian, high half first; the low half starts it. */
#define PORT_FW_CFG_DMA   0x514
#define FW_CFG_DMA_ERROR  0x01
#define FW_CFG_DMA_READ   0x02
#define FW_CFG_DMA_SKIP   0x04
#define FW_CFG_DMA_SELECT 0x08 /* the key is in [31:16] */
#define FW_CFG_DMA_WRITE  0x10

/* What the DMA port reads as. Spec: QEMU, docs/specs/fw_cfg, "Guest-side DMA Interface" */
#define FW_CFG_DMA_SIGNATURE "QEMU CFG"

#ifndef __ASSEMBLER__
/* Big-endian. */
struct fw_cfg_dma {
	u32 control;
	u32 length;
	u64 address;
};
ABI_SIZE(struct fw_cfg_dma, 16);

/* An entry of the directory; numbers big-endian. */
struct fw_cfg_entry {
	u32 size;
	u16 key;
	u16 reserved;
	char name[56];
};
ABI_SIZE(struct fw_cfg_entry, 64);

/* GUID_SEV_HASH_TABLE's data: where memory is left for the hashes of a kernel, and how much. */
struct firmware_hash_area {
	u32 gpa;
	u32 size;
};
ABI_SIZE(struct firmware_hash_area, 8);

/* An entry of etc/e820; the types are PVH's. */
struct __attribute__((packed)) fw_cfg_e820_entry {
	u64 addr;
	u64 size;
	u32 type;
};
ABI_SIZE(struct fw_cfg_e820_entry, 20);
#endif
