/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the entry code, in whatever mode it was entered, leaves for the C code: who loaded us, with
 * what, and whether memory is encrypted. C and assembly.
 */
#pragma once

#include "abi/bits.h"

#define ENTRY_LOADER_PVH              1
#define ENTRY_LOADER_MULTIBOOT2       2
#define ENTRY_LOADER_MULTIBOOT2_EFI64 3
#define ENTRY_LOADER_ROM              4
#define ENTRY_LOADER_EFI              5

#define ENTRY_LOADER       0x00
#define ENTRY_MAGIC        0x04
#define ENTRY_INFO         0x08
#define ENTRY_SEV_STATUS   0x10
#define ENTRY_PRIVATE_MASK 0x18
#define ENTRY_TDX          0x20
#define ENTRY_IMAGE_HANDLE 0x28
#define ENTRY_SIZE         0x30

/* Where a C-bit can be: the 32-bit entry keeps the mask's high half only; a PTE's address ends. */
#define CBIT_MIN 32
#define CBIT_MAX 51

/* Selectors of the early GDT, and of the final one */
#define SEL_CODE64 0x08
#define SEL_DATA   0x10
#define SEL_CODE32 0x18
#define SEL_TSS    0x20

#ifndef __ASSEMBLER__
#include "lib/compiler.h"

struct entry_record {
	u32 loader; /* ENTRY_LOADER_* */
	u32 magic;  /* what multiboot2 had in EAX */
	u64 info;   /* physical address of the loader's information, or of EFI's system table */
	u64 sev_status;
	u64 private_mask; /* the C-bit, where sev_status has SEV: decided here and nowhere else */
	u32 tdx;          /* 1 where CPUID names a TD; it has no sev_status then */
	u32 is_known;     /* the three above: until then this may be any kind of guest */
	u64 image_handle; /* of an EFI application */
};
ABI_SIZE(struct entry_record, ENTRY_SIZE);
ABI_OFFSET(struct entry_record, magic, ENTRY_MAGIC);
ABI_OFFSET(struct entry_record, info, ENTRY_INFO);
ABI_OFFSET(struct entry_record, sev_status, ENTRY_SEV_STATUS);
ABI_OFFSET(struct entry_record, private_mask, ENTRY_PRIVATE_MASK);
ABI_OFFSET(struct entry_record, tdx, ENTRY_TDX);
ABI_OFFSET(struct entry_record, is_known, 0x24);
ABI_OFFSET(struct entry_record, image_handle, ENTRY_IMAGE_HANDLE);

extern struct entry_record entry_record;

/*
 * Loads CR3 with tables of our own. *@canary gets @value before and is compared afterwards: ends
 * the guest by the GHCB protocol when they lead elsewhere, to memory of the host's.
 */
void early_load_tables(u64 cr3, u64 *canary, u64 value);
/*
 * Finds out what kind of guest this is, if a 64-bit entry has not yet: whoever ends there must know
 * what may be shown, and how. False when that itself fails, and ends here again.
 */
bool entry_know(void);
/* First C code, in long mode on the boot stack; ends in kernel_main(). */
noreturn_t early_start(void);
/* The kernel's part; defined above this floor. */
noreturn_t kernel_main(void);
#endif
