/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A memory map comes out sorted, merged and without overlaps, whatever order it came in; wraps,
 * overlaps and too many ranges are refused; RAM is trimmed inwards, and must hold the image.
 * RUN: %unit-cc %s -o %t
 */
#include "Inputs/boot.h"

static u64 next_index;

static int add(u64 start, u64 size, enum boot_range_type type)
{
	return boot_range_add(&info, "map", next_index++, start, size, type, &error);
}

static int finish(u64 image_start, u64 image_end)
{
	return boot_ranges_finish(&info, "map", image_start, image_end, &error);
}

static void start_case(void)
{
	reset_info();
	next_index = 0;
}

static void expect_range(u32 i, u64 start, u64 size, enum boot_range_type type)
{
	struct boot_range *r = &info.ranges[i];

	assert(i < info.range_count);
	if (r->start == start && r->size == size && r->type == type)
		return;
	printf("range %u is %#lx + %#lx, %d\n", i, r->start, r->size, r->type);
	failures++;
}

static void test_order(void)
{
	start_case();
	expect(add(0x3000, 0x1000, BOOT_RANGE_RAM), NULL);
	expect(add(0x1000, 0x1000, BOOT_RANGE_RESERVED), NULL);
	expect(add(0x2000, 0, BOOT_RANGE_RAM), NULL); /* empty */
	expect(add(0x5000, 0x1000, BOOT_RANGE_RAM), NULL);
	expect(add(0x4000, 0x1000, BOOT_RANGE_RAM), NULL); /* joins two */
	expect(add(0x2000, 0x1000, BOOT_RANGE_ACPI), NULL);
	expect(add(0x0, 0x1000, BOOT_RANGE_RAM), NULL);
	assert(info.range_count == 4);
	expect_range(0, 0, 0x1000, BOOT_RANGE_RAM);
	expect_range(1, 0x1000, 0x1000, BOOT_RANGE_RESERVED);
	expect_range(2, 0x2000, 0x1000, BOOT_RANGE_ACPI);
	expect_range(3, 0x3000, 0x3000, BOOT_RANGE_RAM);
}

static void test_refusals(void)
{
	start_case();
	expect(add(0x3000, 0x1000, BOOT_RANGE_RAM), NULL);
	expect(add(0x3fff, 0x1000, BOOT_RANGE_RAM),
	       "map: entry 1, 0x3fff + 0x1000, overlaps another");
	expect(add(0x2000, 0x1001, BOOT_RANGE_RAM),
	       "map: entry 2, 0x2000 + 0x1001, overlaps another");
	expect(add(0x3000, 0x10, BOOT_RANGE_RESERVED),
	       "map: entry 3, 0x3000 + 0x10, overlaps another");
	expect(add(0x1000, 0x10000, BOOT_RANGE_RESERVED),
	       "map: entry 4, 0x1000 + 0x10000, overlaps another");
	expect(add(~U64_C(0), 1, BOOT_RANGE_RAM), "map: entry 5 wraps: 0xffffffffffffffff + 0x1");
	expect(add(1, ~U64_C(0), BOOT_RANGE_RAM), "map: entry 6 wraps: 0x1 + 0xffffffffffffffff");
	assert(info.range_count == 1);
}

static void test_too_many(void)
{
	start_case();
	for (u64 i = 0; i < BOOT_RANGES_MAX; i++)
		expect(add(i * 0x2000, 0x1000, BOOT_RANGE_RAM), NULL);
	expect(add(BOOT_RANGES_MAX * 0x2000, 0x1000, BOOT_RANGE_RAM), "map: more than 128 ranges");
}

static void test_trim(void)
{
	start_case();
	expect(add(0x800, 0x2000, BOOT_RANGE_RAM), NULL);
	expect(add(0x3000, 0x900, BOOT_RANGE_RAM), NULL);  /* nothing is left of it */
	expect(add(0x3900, 0x100, BOOT_RANGE_NVS), NULL);  /* stays as it is */
	expect(add(0x4000, 0x3001, BOOT_RANGE_RAM), NULL); /* one byte off the end */
	expect(add(~U64_C(0xffe), 0xfff, BOOT_RANGE_RAM),
	       "map: entry 4 wraps: 0xfffffffffffff001 + 0xfff");
	expect(add(~U64_C(0xffe), 0xffe, BOOT_RANGE_RAM), NULL); /* no page above it */
	expect(finish(0x5000, 0x7000), NULL);
	assert(info.range_count == 3);
	expect_range(0, 0x1000, 0x1000, BOOT_RANGE_RAM);
	expect_range(1, 0x3900, 0x100, BOOT_RANGE_NVS);
	expect_range(2, 0x4000, 0x3000, BOOT_RANGE_RAM);
	expect(finish(0x5000, 0x7001), "map: the image, 0x5000 to 0x7001, is not in RAM");
	expect(finish(0x3900, 0x3980), "map: the image, 0x3900 to 0x3980, is not in RAM");
}

int main(void)
{
	test_order();
	test_refusals();
	test_too_many();
	test_trim();
	return failures != 0;
}
