/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PVH's start info: a good one is understood, and each field that can be wrong is refused by name.
 * RUN: %unit-cc %s -o %t
 */
#include "early/boot_pvh.c"

#include "Inputs/boot.h"

#define CMDLINE_AT 0x200
#define MAP_AT     0x1000

static struct hvm_start_info start;
static struct hvm_memmap_entry map[4];
static u64 start_at;

static void good(void)
{
	reset_info();
	memset(memory, 0, sizeof(memory));
	start_at = MEMORY_START;
	start = (struct hvm_start_info){
		.magic = HVM_START_MAGIC,
		.version = 1,
		.cmdline_paddr = MEMORY_START + CMDLINE_AT,
		.rsdp_paddr = 0xe0000,
		.memmap_paddr = MEMORY_START + MAP_AT,
		.memmap_entries = 4,
	};
	map[0] = (struct hvm_memmap_entry){ 0, 0x9f000, HVM_MEMMAP_RAM, 0 };
	map[1] = (struct hvm_memmap_entry){ 0x100000, 0x700000, HVM_MEMMAP_RAM, 0 };
	map[2] = (struct hvm_memmap_entry){ 0x800000, 0x1000, HVM_MEMMAP_ACPI, 0 };
	map[3] = (struct hvm_memmap_entry){ 0xf0000, 0x10000, HVM_MEMMAP_RESERVED, 0 };
	memcpy(memory + CMDLINE_AT, "json -- hello", 14);
}

static int parse(void)
{
	memcpy(memory, &start, sizeof(start));
	memcpy(memory + MAP_AT, map, sizeof(map));
	return boot_pvh_parse(start_at, read_memory, &info, &given, &error);
}

static void test_good(void)
{
	good();
	expect(parse(), NULL);
	assert(!strcmp(info.loader, "pvh") && !strcmp(info.cmdline, "json -- hello"));
	assert(info.rsdp == 0xe0000 && given.count == 4);
	assert(given.ranges[2].start == 0x100000 && given.ranges[3].type == MEMORY_ACPI);
	good();
	start.cmdline_paddr = 0;
	expect(parse(), NULL);
	assert(!info.cmdline[0]);
	good();
	map[3].type = 9;
	expect(parse(), NULL);
	assert(given.ranges[1].type == MEMORY_RESERVED);
}

#define REFUSED(change, sentence)                                                                  \
	do {                                                                                       \
		good();                                                                            \
		change;                                                                            \
		expect(parse(), sentence);                                                         \
	} while (0)

int main(void)
{
	test_good();
	REFUSED(start_at += 2, "pvh start info: 0x9002 is not aligned");
	REFUSED(start_at = 0x4000, "pvh start info: 0x4000 is not readable");
	REFUSED(start_at = ~U64_C(3), "pvh start info: 0xfffffffffffffffc is not readable");
	REFUSED(start.magic = 1, "pvh magic: 0x1 is not 0x336ec578");
	REFUSED(start.version = 0, "pvh version: 0 has no memory map");
	REFUSED(start.cmdline_paddr = 0x8000, "pvh cmdline_paddr: 0x8000 is not readable");
	REFUSED(start.cmdline_paddr = ~U64_C(0),
		"pvh cmdline_paddr: 0xffffffffffffffff is not readable");
	REFUSED(memset(memory + CMDLINE_AT, 'a', BOOT_CMDLINE_MAX),
		"pvh cmdline_paddr: not terminated within 1024 bytes");
	REFUSED(memset(memory + (start.cmdline_paddr = MEMORY_START + 0x2fff, 0x2fff), 'a', 1),
		"pvh cmdline_paddr: 0xc000 is not readable");
	REFUSED(start.memmap_entries = 0, "pvh memmap_entries: 0 is not 1 to 128");
	REFUSED(start.memmap_entries = 129, "pvh memmap_entries: 129 is not 1 to 128");
	REFUSED(start.memmap_entries = ~0U, "pvh memmap_entries: 4294967295 is not 1 to 128");
	REFUSED(start.memmap_paddr = 0xbff0, "pvh memmap_paddr: entry 0 at 0xbff0 is not readable");
	REFUSED((memcpy(memory + 0x2fd0, map, 48), start.memmap_paddr = 0xbfd0),
		"pvh memmap_paddr: entry 2 at 0xc000 is not readable");
	REFUSED(start.memmap_paddr = ~U64_C(0xf),
		"pvh memmap_paddr: entry 0 at 0xfffffffffffffff0 is not readable");
	REFUSED(map[3].addr = 0x700000,
		"pvh memmap: entry 3, 0x700000 + 0x10000, overlaps another");
	REFUSED(map[1].size = ~U64_C(0),
		"pvh memmap: entry 1 wraps: 0x100000 + 0xffffffffffffffff");
	return failures != 0;
}
