/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which memory the guest is told that it has.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/machine/machine.h"

/*
 * Fills the guest's map: ACPI's tables in memory of that type, which Linux maps as private; the
 * monitor cut out. Gives machine->rsdp a page where only the loader had a copy. Last of all that
 * takes memory. -E_NOSPC: too many ranges.
 */
must_check int guest_map_make(struct machine *machine);

/* The end of all memory, RAM or firmware's. */
u64 guest_map_memory_end(const struct memmap *map);
