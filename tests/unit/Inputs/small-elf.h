/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ELF image for tests: a page of text, and a launch note with a CPUID and a secrets page.
 */
#pragma once

#include "abi/elf.h"
#include "abi/launch_note.h"
#include "abi/pvh.h"

#define SMALL_ELF_BASE    0x200000
#define SMALL_ELF_CPUID   0x202000
#define SMALL_ELF_SECRETS 0x203000

static struct {
	struct elf64_header header;
	struct elf64_program_header ph[2];
	struct elf_note_header pvh;
	char pvh_name[4];
	u32 entry;
	struct elf_note_header launch;
	char launch_name[8];
	struct launch_section sections[2];
	u8 text[64];
} small_elf = {
	.header = { .magic = ELF_MAGIC,
		    .class = ELF_CLASS_64,
		    .data = ELF_DATA_LSB,
		    .type = ELF_TYPE_EXEC,
		    .machine = ELF_MACHINE_X86_64,
		    .phoff = 64,
		    .phentsize = 56,
		    .phnum = 2 },
	.ph = { { .type = ELF_PT_LOAD,
		  .offset = 240,
		  .paddr = SMALL_ELF_BASE,
		  .filesz = 64,
		  .memsz = 0x5000 },
		{ .type = ELF_PT_NOTE, .offset = 176, .filesz = 64 } },
	.pvh = { 4, 4, PVH_NOTE_TYPE },
	.pvh_name = PVH_NOTE_NAME,
	.entry = SMALL_ELF_BASE,
	.launch = { 8, 24, LAUNCH_NOTE_TYPE_SEV },
	.launch_name = LAUNCH_NOTE_NAME,
	.sections = { { SMALL_ELF_SECRETS, PAGE_SIZE, SEV_SECTION_SECRETS },
		      { SMALL_ELF_CPUID, PAGE_SIZE, SEV_SECTION_CPUID } },
};
