/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ELF files as far as a loader of executables and a reader of notes needs them.
 * Spec: ELF gABI, ELF-64 Object File Format 1.5 (header, program header table, note section).
 */
#pragma once

#include "abi/bits.h"

#define ELF_MAGIC          0x464c457f /* first word of e_ident */
#define ELF_CLASS_32       1
#define ELF_CLASS_64       2
#define ELF_DATA_LSB       1
#define ELF_TYPE_EXEC      2
#define ELF_TYPE_DYN       3
#define ELF_MACHINE_386    3
#define ELF_MACHINE_X86_64 62

#define ELF_PT_LOAD 1
#define ELF_PT_NOTE 4

#ifndef __ASSEMBLER__
struct elf64_header {
	u32 magic;
	u8 class;
	u8 data;
	u8 ident_0x6[10];
	u16 type;
	u16 machine;
	u32 version;
	u64 entry;
	u64 phoff;
	u64 shoff;
	u32 flags;
	u16 ehsize;
	u16 phentsize;
	u16 phnum;
	u16 shentsize;
	u16 shnum;
	u16 shstrndx;
};
ABI_SIZE(struct elf64_header, 64);
ABI_OFFSET(struct elf64_header, phoff, 32);
ABI_OFFSET(struct elf64_header, phentsize, 54);

struct elf64_program_header {
	u32 type;
	u32 flags;
	u64 offset;
	u64 vaddr;
	u64 paddr;
	u64 filesz;
	u64 memsz;
	u64 align;
};
ABI_SIZE(struct elf64_program_header, 56);

/* ELF32: e_ident as above */
struct elf32_header {
	u32 magic;
	u8 class;
	u8 data;
	u8 ident_0x6[10];
	u16 type;
	u16 machine;
	u32 version;
	u32 entry;
	u32 phoff;
	u32 shoff;
	u32 flags;
	u16 ehsize;
	u16 phentsize;
	u16 phnum;
	u16 shentsize;
	u16 shnum;
	u16 shstrndx;
};
ABI_SIZE(struct elf32_header, 52);
ABI_OFFSET(struct elf32_header, phentsize, 42);

struct elf32_program_header {
	u32 type;
	u32 offset;
	u32 vaddr;
	u32 paddr;
	u32 filesz;
	u32 memsz;
	u32 flags;
	u32 align;
};
ABI_SIZE(struct elf32_program_header, 32);

/*
 * Name, then descriptor, follow, each padded: to 8 bytes where the segment's alignment is 8 (gABI),
 * else to 4.
 */
struct elf_note_header {
	u32 name_size;
	u32 desc_size;
	u32 type;
};
ABI_SIZE(struct elf_note_header, 12);
#endif
