/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See layout.h.
 */
#include "host/layout.h"

unsigned int layout_ranges(u64 memory, struct layout_range ranges[2])
{
	u64 low = memory < LAYOUT_LOW_RAM_MAX ? memory : LAYOUT_LOW_RAM_MAX;

	ranges[0] = (struct layout_range){ 0, low };
	if (memory == low)
		return 1;
	ranges[1] = (struct layout_range){ LAYOUT_HIGH_RAM, memory - low };
	return 2;
}

int layout_memmap(u64 memory, struct memmap *map)
{
	struct layout_range ranges[2];
	unsigned int count = layout_ranges(memory, ranges);
	int error = 0;

	memmap_init(map);
	for (unsigned int i = 0; i < count && !error; i++)
		error = memmap_set(map, ranges[i].gpa, ranges[i].size, HVM_MEMMAP_RAM);
	if (!error)
		error = memmap_set(map, 0xa0000, 0x60000, 0);
	if (!error)
		error = memmap_set(map, LAYOUT_ACPI, LAYOUT_ACPI_SIZE, HVM_MEMMAP_ACPI);
	return error;
}
