/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the monitor writes for a PVH guest is what our guest's parser reads: command line, RSDP,
 * and the memory map with the monitor cut out.
 * RUN: %monitor-cc %s -o %t
 */
#include "early/boot_pvh.c"

#include "../unit/Inputs/boot.h"

#include "model/pvh_info.h"

#define MONITOR      0x1000000
#define MONITOR_SIZE 0x345000
#define IMAGE        0x200000
#define IMAGE_SIZE   0x400000

static struct memmap map;

/* A PC with 128 MiB, whose ACPI tables the firmware marked as reserved. */
static void make_map(void)
{
	const u64 acpi = 0x7fe0000;

	memmap_init(&map);
	assert(!memmap_set(&map, 0, 0x9fc00, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, 0x9fc00, 0x400, HVM_MEMMAP_RESERVED));
	assert(!memmap_set(&map, 0xf0000, 0x10000, HVM_MEMMAP_RESERVED));
	assert(!memmap_set(&map, 0x100000, acpi - 0x100000, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, acpi, 0x20000, HVM_MEMMAP_RESERVED));
	assert(!memmap_set(&map, acpi, 0x20000, HVM_MEMMAP_ACPI));
	assert(!memmap_set(&map, MONITOR, MONITOR_SIZE, HVM_MEMMAP_RESERVED));
	assert(!memmap_set(&map, 0x7000000, 0x100000, HVM_MEMMAP_RESERVED));
}

static void parse(const char *cmdline)
{
	const struct pvh_info pvh = { .cmdline = cmdline, .rsdp = 0xf5a10, .map = &map };

	reset_info();
	memset(memory, 0xa5, sizeof(memory));
	assert(pvh_info_build(&pvh, memory, sizeof(memory), MEMORY_START) > 0);
	expect(boot_pvh_parse(MEMORY_START, read_memory, &info, &given, &error), NULL);
	expect(boot_ranges_finish(&given, IMAGE, IMAGE + IMAGE_SIZE, &error), NULL);
	assert(!failures);
}

/* Every whole page has in boot_info the kind that it has in the map. */
static void compare_pages(void)
{
	for (u64 page = 0; page < 0x8000000; page += PAGE_SIZE) {
		bool is_ram = memmap_is_ram(&map, page, PAGE_SIZE), found = false;

		for (u32 i = 0; i < given.count; i++)
			if (page - given.ranges[i].start < given.ranges[i].size)
				found |= given.ranges[i].type <= MEMORY_IMAGE;
		assert(found == is_ram);
	}
}

int main(void)
{
	make_map();
	parse("json -- hello");
	assert(!strcmp(info.loader, "pvh") && !strcmp(info.cmdline, "json -- hello"));
	assert(info.rsdp == 0xf5a10);
	compare_pages();
	parse("");
	assert(!info.cmdline[0]);
	return 0;
}
