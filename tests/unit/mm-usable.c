/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holes are cut out of RAM exactly: at an end, in the middle, across ranges, and where none is.
 * RUN: %unit-cc %s -o %t
 */
#include <string.h>

#include "../../mm/usable.c"
#include "Inputs/mm-fake.h"

static struct boot_info info = {
	.range_count = 5,
	.ranges = {
		{ 0x0, 0x9f000, BOOT_RANGE_RAM },
		{ 0xf0000, 0x10000, BOOT_RANGE_RESERVED },
		{ 0x100000, 0x700000, BOOT_RANGE_RAM },
		{ 0x800000, 0x800000, BOOT_RANGE_ACPI },
		{ 0x1000000, 0x1000, BOOT_RANGE_RAM },
	},
};

static void expect(const struct usable_ranges *ranges, u32 count, const struct usable_range *want)
{
	assert(ranges->count == count);
	assert(!memcmp(ranges->range, want, count * sizeof(*want)));
}

#define EXPECT(ranges, ...)                                                                        \
	do {                                                                                       \
		const struct usable_range want[] = { __VA_ARGS__ };                                \
		expect(ranges, array_count(want), want);                                           \
	} while (0)

#define R(start, end)                                                                              \
	{                                                                                          \
		start, end                                                                         \
	}

int main(void)
{
	struct usable_ranges ranges;

	usable_init(&ranges, &info);
	EXPECT(&ranges, R(0, 0x9f000), R(0x100000, 0x800000), R(0x1000000, 0x1001000));
	assert(usable_limit(&ranges) == 0x1001000 && usable_size(&ranges) == 0x7a0000);

	usable_cut(&ranges, 0x800000, 0x1000000); /* none there */
	EXPECT(&ranges, R(0, 0x9f000), R(0x100000, 0x800000), R(0x1000000, 0x1001000));
	usable_cut(&ranges, 0x200001, 0x2ff001); /* the middle, widened */
	EXPECT(&ranges, R(0, 0x9f000), R(0x100000, 0x200000), R(0x300000, 0x800000),
	       R(0x1000000, 0x1001000));
	usable_cut(&ranges, 0, 0x100000);         /* a whole one */
	usable_cut(&ranges, 0x7ff000, 0x1000001); /* an end and a whole one */
	EXPECT(&ranges, R(0x100000, 0x200000), R(0x300000, 0x7ff000));
	assert(usable_overlaps(&ranges, 0x1ff000, 0x300000));
	assert(!usable_overlaps(&ranges, 0x200000, 0x300000));
	assert(usable_contains(&ranges, 0x100000, 0x200000));
	assert(usable_contains(&ranges, 0x301000, 0x7ff000));
	assert(!usable_contains(&ranges, 0x1ff000, 0x300000));
	assert(!usable_contains(&ranges, 0xff000, 0x101000));
	assert(!usable_contains(&ranges, 0x7fe000, 0x800000));
	usable_cut(&ranges, 0, 0x10000000);
	assert(ranges.count == 0 && usable_limit(&ranges) == 0 && usable_size(&ranges) == 0);

	/* A range smaller than a page is none. */
	info.ranges[0] = (struct boot_range){ 0x1001, 0x1ffe, BOOT_RANGE_RAM };
	usable_init(&ranges, &info);
	assert(ranges.count == 2);
	return 0;
}
