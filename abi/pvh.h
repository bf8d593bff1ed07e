/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PVH direct boot protocol: the loader enters at the address in the note below, in 32-bit
 * protected mode, paging off, EBX = physical address of struct hvm_start_info.
 * Spec: PVH.
 */
#pragma once

#include "abi/bits.h"

#define PVH_NOTE_NAME "Xen"
#define PVH_NOTE_TYPE 18 /* XEN_ELFNOTE_PHYS32_ENTRY */

#define HVM_START_MAGIC   0x336ec578
#define HVM_START_VERSION 1

#define HVM_MEMMAP_RAM      1
#define HVM_MEMMAP_RESERVED 2
#define HVM_MEMMAP_ACPI     3
#define HVM_MEMMAP_NVS      4
#define HVM_MEMMAP_UNUSABLE 5
#define HVM_MEMMAP_DISABLED 6
#define HVM_MEMMAP_PMEM     7

#ifndef __ASSEMBLER__
struct hvm_start_info {
	u32 magic;
	u32 version;
	u32 flags;
	u32 nr_modules;
	u64 modlist_paddr;
	u64 cmdline_paddr;
	u64 rsdp_paddr;
	u64 memmap_paddr; /* version 1 and up */
	u32 memmap_entries;
	u32 reserved;
};
ABI_SIZE(struct hvm_start_info, 56);
ABI_OFFSET(struct hvm_start_info, memmap_paddr, 40);

struct hvm_modlist_entry {
	u64 paddr;
	u64 size;
	u64 cmdline_paddr;
	u64 reserved;
};
ABI_SIZE(struct hvm_modlist_entry, 32);

struct hvm_memmap_entry {
	u64 addr;
	u64 size;
	u32 type;
	u32 reserved;
};
ABI_SIZE(struct hvm_memmap_entry, 24);
#endif
