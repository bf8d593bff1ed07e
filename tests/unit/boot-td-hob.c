/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TD's list of memory: accepted or not, RAM is RAM but for the PC's hole; what a host can make of
 * the list otherwise is refused by name.
 * RUN: %unit-cc %s -o %t
 */
#include "early/boot_td_hob.c"

#include "Inputs/boot.h"

#define RESOURCES 4

static struct {
	struct hob_handoff handoff;
	struct hob_resource resources[RESOURCES];
	struct hob_header end;
} list;

static void set(u32 index, u32 type, u64 start, u64 length)
{
	list.resources[index] = (struct hob_resource){
		.header = { HOB_TYPE_RESOURCE, sizeof(list.resources[0]), 0 },
		.type = type,
		.start = start,
		.length = length,
	};
}

static void good(void)
{
	reset_info();
	list.handoff = (struct hob_handoff){
		.header = { HOB_TYPE_HANDOFF, sizeof(list.handoff), 0 },
		.version = 9,
	};
	set(0, 7, 0, 0x200000);
	set(1, 0, 0x200000, 0x100000);
	set(2, 5, 0xfeffc000, 0x4000);
	set(3, 7, 0x300000, 0xfd00000);
	list.end = (struct hob_header){ HOB_TYPE_END, sizeof(list.end), 0 };
}

static int parse(size_t size)
{
	u8 *copy = malloc(size);
	int err;

	memcpy(copy, &list, size); /* a read behind it is caught */
	err = boot_td_hob_parse(copy, size, &given, &error);
	free(copy);
	return err;
}

static void test_good(void)
{
	good();
	expect(parse(sizeof(list)), NULL);
	assert(given.count == 4 && given.ranges[0].size == 0xa0000 && !given.ranges[0].accepted);
	assert(given.ranges[1].start == 0x100000 && given.ranges[1].size == 0x100000);
	assert(given.ranges[2].start == 0x200000 && given.ranges[2].accepted);
	assert(given.ranges[3].size == 0xfd00000 && !given.ranges[3].accepted);
	/* Blocks that are no resource say nothing. */
	good();
	list.resources[3].header.type = 4;
	expect(parse(sizeof(list)), NULL);
	assert(given.count == 3 && given.ranges[2].size == 0x100000);
}

#define REFUSED(change, size, sentence)                                                            \
	do {                                                                                       \
		good();                                                                            \
		change;                                                                            \
		expect(parse(size), sentence);                                                     \
	} while (0)

int main(void)
{
	test_good();
	REFUSED(, 55, "td hob: 55 bytes");
	REFUSED(list.handoff.header.type = 0, sizeof(list),
		"td hob: it starts with type 0x0, 56 bytes");
	REFUSED(list.handoff.header.length = 48, sizeof(list),
		"td hob: it starts with type 0x1, 48 bytes");
	REFUSED(list.handoff.version = 8, sizeof(list), "td hob: version 8");
	REFUSED(, 56, "td hob: it has no end");
	REFUSED(list.end.type = 4, sizeof(list), "td hob: it has no end");
	REFUSED(list.resources[1].header.length = 0, sizeof(list), "td hob block 2: 0 bytes");
	REFUSED(list.resources[1].header.length = 49, sizeof(list), "td hob block 2: 49 bytes");
	REFUSED(list.resources[3].header.length = 64, sizeof(list), "td hob block 4: 64 bytes");
	REFUSED(list.resources[2].header.length = 56, sizeof(list),
		"td hob block 3: a resource of 56 bytes");
	REFUSED(list.resources[2].type = 8, sizeof(list), "td hob block 3: a resource of type 0x8");
	REFUSED(set(3, 7, 0x2ff000, 0x1000), sizeof(list),
		"td hob: entry 4, 0x2ff000 + 0x1000, overlaps another");
	REFUSED(set(3, 7, ~U64_C(0xfff), 0x2000), sizeof(list),
		"td hob: entry 4 wraps: 0xfffffffffffff000 + 0x2000");
	return failures != 0;
}
