/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A memory map comes out sorted, merged and without overlaps, whatever order it came in; wraps,
 * overlaps and too many ranges are refused; RAM is trimmed inwards, and must hold the image.
 * RUN: %unit-cc %s -o %t
 */
#include "Inputs/boot.h"

static u64 next_index;

static int add(u64 start, u64 size, enum memory_type type)
{
	return boot_range_add(&given, next_index++,
			      (struct memory_range){ start, size, type, .giver = "map" }, &error);
}

static int finish(u64 image_start, u64 image_end)
{
	return boot_ranges_finish(&given, image_start, image_end, &error);
}

static void start_case(void)
{
	reset_info();
	next_index = 0;
}

static void expect_range(u32 i, u64 start, u64 size, enum memory_type type)
{
	struct memory_range *r = &given.ranges[i];

	assert(i < given.count);
	if (r->start == start && r->size == size && r->type == type)
		return;
	printf("range %u is %#lx + %#lx, %d\n", i, r->start, r->size, r->type);
	failures++;
}

static void test_order(void)
{
	start_case();
	expect(add(0x3000, 0x1000, MEMORY_RAM), NULL);
	expect(add(0x1000, 0x1000, MEMORY_RESERVED), NULL);
	expect(add(0x2000, 0, MEMORY_RAM), NULL); /* empty */
	expect(add(0x5000, 0x1000, MEMORY_RAM), NULL);
	expect(add(0x4000, 0x1000, MEMORY_RAM), NULL); /* joins two */
	expect(add(0x2000, 0x1000, MEMORY_ACPI), NULL);
	expect(add(0x0, 0x1000, MEMORY_RAM), NULL);
	assert(given.count == 4);
	expect_range(0, 0, 0x1000, MEMORY_RAM);
	expect_range(1, 0x1000, 0x1000, MEMORY_RESERVED);
	expect_range(2, 0x2000, 0x1000, MEMORY_ACPI);
	expect_range(3, 0x3000, 0x3000, MEMORY_RAM);
}

static void test_refusals(void)
{
	start_case();
	expect(add(0x3000, 0x1000, MEMORY_RAM), NULL);
	expect(add(0x3fff, 0x1000, MEMORY_RAM), "map: entry 1, 0x3fff + 0x1000, overlaps another");
	expect(add(0x2000, 0x1001, MEMORY_RAM), "map: entry 2, 0x2000 + 0x1001, overlaps another");
	expect(add(0x3000, 0x10, MEMORY_RESERVED), "map: entry 3, 0x3000 + 0x10, overlaps another");
	expect(add(0x1000, 0x10000, MEMORY_RESERVED),
	       "map: entry 4, 0x1000 + 0x10000, overlaps another");
	expect(add(~U64_C(0), 1, MEMORY_RAM), "map: entry 5 wraps: 0xffffffffffffffff + 0x1");
	expect(add(1, ~U64_C(0), MEMORY_RAM), "map: entry 6 wraps: 0x1 + 0xffffffffffffffff");
	assert(given.count == 1);
}

static void test_too_many(void)
{
	start_case();
	for (u64 i = 0; i < MEMORY_RANGES_MAX; i++)
		expect(add(i * 0x2000, 0x1000, MEMORY_RAM), NULL);
	expect(add(MEMORY_RANGES_MAX * 0x2000, 0x1000, MEMORY_RAM), "map: more than 128 ranges");
}

static void test_trim(void)
{
	start_case();
	expect(add(0x800, 0x2000, MEMORY_RAM), NULL);
	expect(add(0x3000, 0x900, MEMORY_RAM), NULL);  /* nothing is left of it */
	expect(add(0x3900, 0x100, MEMORY_NVS), NULL);  /* stays as it is */
	expect(add(0x4000, 0x3001, MEMORY_RAM), NULL); /* one byte off the end */
	expect(add(~U64_C(0xffe), 0xfff, MEMORY_RAM),
	       "map: entry 4 wraps: 0xfffffffffffff001 + 0xfff");
	expect(add(~U64_C(0xffe), 0xffe, MEMORY_RAM), NULL); /* no page above it */
	expect(finish(0x5000, 0x7000), NULL);
	assert(given.count == 4);
	expect_range(0, 0x1000, 0x1000, MEMORY_RAM);
	expect_range(1, 0x3900, 0x100, MEMORY_NVS);
	expect_range(2, 0x4000, 0x1000, MEMORY_RAM);
	expect_range(3, 0x5000, 0x2000, MEMORY_IMAGE);
	expect(finish(0x5000, 0x7001), "memory map: the image, 0x5000 to 0x7001, is not in RAM");
	expect(finish(0x3900, 0x3980), "memory map: the image, 0x3900 to 0x3980, is not in RAM");
}

/* The image is cut out, wherever in its range it lies, if there is room for the pieces. */
static void test_image(void)
{
	static const u64 starts[] = { 0x1000, 0x3000, 0x6000 };

	for (size_t i = 0; i < array_count(starts); i++) {
		u64 start = starts[i], end = start + 0x1000;
		u32 at = start != 0x1000;

		start_case();
		expect(add(0x1000, 0x6000, MEMORY_RAM), NULL);
		expect(finish(start, end), NULL);
		assert(given.count == 1 + (start != 0x1000) + (end != 0x7000));
		expect_range(at, start, 0x1000, MEMORY_IMAGE);
		assert(given.ranges[at].accepted && !given.ranges[!at].accepted);
	}
	start_case();
	for (u64 i = 0; i < MEMORY_RANGES_MAX - 1; i++)
		expect(add(i * 0x4000, 0x3000, MEMORY_RAM), NULL);
	expect(finish(0x1000, 0x2000), "map: more than 128 ranges");
}

/* What differs in being accepted stays apart. */
static void test_accepted(void)
{
	struct memory_range accepted = { 0x4000, 0x1000, MEMORY_RAM, true, "map" };

	start_case();
	expect(add(0x3000, 0x1000, MEMORY_RAM), NULL);
	expect(boot_range_add(&given, 1, accepted, &error), NULL);
	expect(add(0x5000, 0x1000, MEMORY_RAM), NULL);
	assert(given.count == 3 && given.ranges[1].accepted && !given.ranges[2].accepted);
	accepted.start = 0x6000;
	expect(boot_range_add(&given, 3, accepted, &error), NULL);
	accepted.start = 0x7000;
	expect(boot_range_add(&given, 4, accepted, &error), NULL);
	assert(given.count == 4 && given.ranges[3].size == 0x2000);
}

int main(void)
{
	test_image();
	test_accepted();
	test_order();
	test_refusals();
	test_too_many();
	test_trim();
	return failures != 0;
}
