/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UEFI's memory map: what boot services used becomes RAM, a descriptor may be larger than ours,
 * and a map that cannot be is refused.
 * RUN: %unit-cc %s -o %t
 */
#include "early/boot_efi_map.c"

#include "Inputs/boot.h"

#define DESCRIPTOR_SIZE 48

static u32 count;

static void append(u32 type, u64 start, u64 pages)
{
	struct efi_memory_descriptor d = { .type = type,
					   .physical_start = start,
					   .page_count = pages };

	memcpy(memory + count++ * DESCRIPTOR_SIZE, &d, sizeof(d));
}

static void begin(void)
{
	reset_info();
	count = 0;
}

static int parse(void)
{
	return boot_efi_map_parse(memory, count * DESCRIPTOR_SIZE, DESCRIPTOR_SIZE, &given, &error);
}

static void test_good(void)
{
	begin();
	append(EFI_BOOT_SERVICES_CODE, 0, 1);
	append(EFI_CONVENTIONAL_MEMORY, 0x1000, 0x9f);
	append(EFI_LOADER_DATA, 0x100000, 0x700);
	append(EFI_ACPI_RECLAIM_MEMORY, 0x800000, 8);
	append(EFI_ACPI_MEMORY_NVS, 0x808000, 4);
	append(EFI_UNUSABLE_MEMORY, 0x900000, 1);
	append(11, 0xffc00000, 0x400);
	expect(parse(), NULL);
	assert(given.count == 6);
	assert(given.ranges[0].type == MEMORY_RAM && given.ranges[0].size == 0xa0000);
	assert(given.ranges[2].type == MEMORY_ACPI && given.ranges[3].type == MEMORY_NVS);
	assert(given.ranges[4].type == MEMORY_UNUSABLE);
	assert(given.ranges[5].type == MEMORY_RESERVED);
}

static void test_refusals(void)
{
	begin();
	append(EFI_CONVENTIONAL_MEMORY, 0, 2);
	append(EFI_LOADER_DATA, 0x1000, 1);
	expect(parse(), "efi memory map: entry 1, 0x1000 + 0x1000, overlaps another");
	begin();
	append(EFI_CONVENTIONAL_MEMORY, 0x1000, BIT(52));
	expect(parse(), "efi memory map: entry 0 has 0x10000000000000 pages");
	begin();
	append(EFI_CONVENTIONAL_MEMORY, 0x2000, BIT(52) - 1);
	expect(parse(), "efi memory map: entry 0 wraps: 0x2000 + 0xfffffffffffff000");
	expect(boot_efi_map_parse(memory, 78, 39, &given, &error),
	       "efi memory map: descriptor size 39 is not 40 to 4096");
	expect(boot_efi_map_parse(memory, 0, 48, &given, &error),
	       "efi memory map: size 0 is not whole descriptors of 48");
	expect(boot_efi_map_parse(memory, 47, 48, &given, &error),
	       "efi memory map: size 47 is not whole descriptors of 48");
}

int main(void)
{
	test_good();
	test_refusals();
	return failures != 0;
}
