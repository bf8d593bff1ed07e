/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds what a PVH guest finds at EBX: start info, modules, memory map and command lines, in
 * one block of guest memory.
 * Spec: PVH.
 */
#pragma once

#include "abi/pvh.h"
#include "lib/errno.h"
#include "model/memmap.h"

struct pvh_module {
	u64 gpa;
	u64 size;
	const char *cmdline; /* NULL: none */
};

struct pvh_info {
	const char *cmdline;
	u64 rsdp;
	const struct memmap *map;
	unsigned int module_count;
	const struct pvh_module *modules;
};

/*
 * Writes the block into @buffer, which the guest has at @gpa (8-byte aligned); start info comes
 * first. Returns the bytes used, or -E_NOSPC.
 */
must_check s64 pvh_info_build(const struct pvh_info *info, void *buffer, u64 size, u64 gpa);
