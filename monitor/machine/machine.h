/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine under the monitor, as its loader describes it: memory map, command line, modules,
 * RSDP. Copied once, so that the loader's own memory can become the guest's.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"
#include "model/memmap.h"

#define MACHINE_MODULE_MAX   4
#define MACHINE_CMDLINE_SIZE 2048
#define MACHINE_RSDP_SIZE    36

struct machine_module {
	u64 start;
	u64 size;
	char name[16]; /* first word of its command line */
};

struct machine {
	struct memmap map;
	struct machine_module modules[MACHINE_MODULE_MAX];
	unsigned int module_count;
	u64 rsdp; /* in the firmware's own memory; 0: none, or only the loader's copy */
	u8 rsdp_copy[MACHINE_RSDP_SIZE];
	unsigned int rsdp_size; /* of the copy; 0: none */
	char cmdline[MACHINE_CMDLINE_SIZE];
};

/* Reads what the loader left at @info; @magic is EAX at entry. */
must_check int machine_init(struct machine *machine, u32 magic, u64 info);

/* Starts the monitor's allocator outside of image and modules. -E_NOSPC: too many ranges. */
must_check int machine_init_memory(const struct machine *machine);
