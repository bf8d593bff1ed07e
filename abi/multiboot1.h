/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first multiboot protocol, of which kvm-unit-tests' images are: a header in the first 8 KiB of
 * the file; entered in 32-bit protected mode, paging off, EAX = magic, EBX = physical address of
 * struct mb1_info. The other protocol, multiboot2, is in a header of GRUB's.
 * Spec: MB1.
 */
#pragma once

#include "abi/bits.h"

#define MB1_SEARCH       8192
#define MB1_HEADER_MAGIC 0x1badb002
#define MB1_LOADER_MAGIC 0x2badb002

/*
 * 3.1.2: flags of the header; a loader that does not know one of the low 16 must refuse the image
 */
#define MB1_ALIGN_MODULES BIT(0)
#define MB1_WANTS_MEMORY  BIT(1)
#define MB1_REQUIRED      0xffff
#define MB1_HAS_ADDRESSES BIT(16) /* where to load to; else the ELF headers tell */

/* 3.3: flags of the information */
#define MB1_INFO_MEMORY  BIT(0)
#define MB1_INFO_CMDLINE BIT(2)
#define MB1_INFO_MODULES BIT(3)
#define MB1_INFO_MMAP    BIT(6)

#ifndef __ASSEMBLER__
struct mb1_image_header {
	u32 magic;
	u32 flags;
	u32 checksum; /* the three are 0 together */
};
ABI_SIZE(struct mb1_image_header, 12);

struct mb1_info {
	u32 flags;
	u32 mem_lower; /* KiB from 0 on */
	u32 mem_upper; /* KiB from 1 MiB on, to the first hole */
	u32 boot_device;
	u32 cmdline;
	u32 mods_count;
	u32 mods_addr;
	u32 syms[4];
	u32 mmap_length;
	u32 mmap_addr;
	u32 reserved_0x34[9]; /* drives, configuration, loader's name, APM, VBE */
};
ABI_SIZE(struct mb1_info, 88);
ABI_OFFSET(struct mb1_info, mmap_length, 44);

struct mb1_module {
	u32 start;
	u32 end;
	u32 cmdline;
	u32 reserved;
};
ABI_SIZE(struct mb1_module, 16);

struct __attribute__((packed)) mb1_memory {
	u32 size; /* of the rest: 20 */
	u64 addr;
	u64 len;
	u32 type; /* e820's numbers */
};
ABI_SIZE(struct mb1_memory, 24);
#endif
