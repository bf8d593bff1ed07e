/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where what lies in the guest's physical memory:
 *
 *   0        0x20000       0xa0000     0xe0000   0x100000          3G        4G
 *   | RAM ... | start info | RAM ... | nothing | ACPI | RAM, image | devices | RAM ...
 */
#pragma once

#include "model/memmap.h"

#define LAYOUT_START_INFO      U64_C(0x20000)
#define LAYOUT_START_INFO_SIZE U64_C(0x2000)
#define LAYOUT_ACPI            U64_C(0xe0000)
#define LAYOUT_ACPI_SIZE       U64_C(0x2000)
#define LAYOUT_IMAGE_MIN       U64_C(0x100000)
#define LAYOUT_LOW_RAM_MAX     U64_C(0xc0000000)
#define LAYOUT_HIGH_RAM        U64_C(0x100000000)
/* KVM's own pages on a processor of Intel's: three for the TSS, one for the identity map. */
#define LAYOUT_IDENTITY_MAP U64_C(0xfffbc000)
#define LAYOUT_TSS          U64_C(0xfffbd000)

/* Where a TD starts: see host/vm_tdx.c. */
#define LAYOUT_RESET_PAGE U64_C(0xfffff000)

struct layout_range {
	u64 gpa;
	u64 size;
};

/* The ranges that need memory: returns how many, at most 2. */
unsigned int layout_ranges(u64 memory, struct layout_range ranges[2]);
/* What the guest is told. @memory has been checked by the options. */
must_check int layout_memmap(u64 memory, struct memmap *map);
