/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans the loading of an ELF guest: what is copied where, its entry by PVH or, of an ELF32 file,
 * by multiboot, and the pages that its launch note asks for. Loads nothing itself and believes
 * nothing in the file.
 * Spec: ELF gABI; PVH (entry note); MB1; abi/launch_note.h.
 */
#pragma once

#include "abi/launch_note.h"
#include "lib/errno.h"
#include "model/memmap.h"
#include "model/source.h"

#define ELF_SEGMENTS_MAX 16
#define ELF_SECTIONS_MAX 8

struct elf_segment {
	u64 gpa;
	u64 memory_size; /* beyond file_size: zeroed */
	u64 file_offset;
	u64 file_size;
};

struct elf_plan {
	u64 pvh_entry;     /* ELF64 */
	bool is_multiboot; /* ELF32: its entry instead */
	u64 multiboot_entry;
	bool is_linux; /* its notes say so */
	u64 ap_entry;  /* by its launch note; 0: none */
	unsigned int segment_count;
	struct elf_segment segments[ELF_SEGMENTS_MAX]; /* in the file's order, none overlapping */
	unsigned int section_count;                    /* of the launch note; 0 without one */
	struct launch_section sections[ELF_SECTIONS_MAX];
	u64 low; /* the image's memory, [low, high) */
	u64 high;
};

/*
 * Checks @file and fills @plan. All segments must be RAM of @map; launch sections must be whole
 * pages of the image's own memory. 0, or -E_INVAL with the reason in @why.
 */
must_check int elf_plan(const struct source *file, const struct memmap *map, struct elf_plan *plan,
			const char **why);
