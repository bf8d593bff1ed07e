/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TD HOB that the monitor makes names all RAM, what the launch adds as accepted, and our guest
 * reads the same map from it.
 * RUN: %monitor-cc %s -o %t
 */
#include "early/boot_td_hob.c"

#include "../unit/Inputs/boot.h"

#include "monitor/host/td_hob.h"

#define HOB_GPA 0x280000

static const struct tdvf_section sections[] = {
	{ .gpa = 0xfff00000, .size = 0x100000, .type = TDVF_SECTION_BFV },
	{ .gpa = 0x282000, .size = 0x7e000, .type = TDVF_SECTION_TEMP_MEM },
	{ .gpa = HOB_GPA, .size = 0x2000, .type = TDVF_SECTION_TD_HOB },
	{ .gpa = 0x200000, .size = 0x80000, .type = TDVF_SECTION_TEMP_MEM },
};

static const struct {
	u64 start, size;
	u32 type;
} expected[] = {
	{ 0, 0x9f000, 7 },           { 0x100000, 0x100000, 7 },  { 0x200000, 0x80000, 0 },
	{ 0x280000, 0x2000, 0 },     { 0x282000, 0x7e000, 0 },   { 0x300000, 0xd00000, 7 },
	{ 0x1400000, 0xec00000, 7 }, { BIT(32), 0x10000000, 7 },
};

static u8 hob[0x1000];

static void build(struct memmap *map, struct firmware *firmware)
{
	memmap_init(map);
	assert(!memmap_set(map, 0, 0x9f000, HVM_MEMMAP_RAM));
	assert(!memmap_set(map, 0x9f000, 0x1000, HVM_MEMMAP_RESERVED));
	assert(!memmap_set(map, 0x100000, 0xff00000, HVM_MEMMAP_RAM));
	assert(!memmap_set(map, 0x1000000, 0x400000, HVM_MEMMAP_RESERVED));
	assert(!memmap_set(map, BIT(32), 0x10000000, HVM_MEMMAP_RAM));
	memset(firmware, 0, sizeof(*firmware));
	memcpy(firmware->tdvf, sections, sizeof(sections));
	firmware->tdvf_count = array_count(sections);
}

int main(void)
{
	const struct hob_handoff *handoff = (const void *)hob;
	const struct hob_resource *r = (const void *)(handoff + 1);
	struct firmware firmware;
	struct memmap map;
	size_t used;

	build(&map, &firmware);
	assert(!td_hob_build(&map, &firmware, HOB_GPA, hob, sizeof(hob)));
	for (unsigned int i = 0; i < array_count(expected); i++)
		assert(r[i].start == expected[i].start && r[i].length == expected[i].size &&
		       r[i].type == expected[i].type && r[i].attributes == 7);
	used = sizeof(*handoff) + sizeof(expected) / sizeof(expected[0]) * sizeof(*r) + 8;
	assert(handoff->end_of_list == HOB_GPA + used);
	reset_info();
	expect(boot_td_hob_parse(hob, used, &given, &error), NULL);
	assert(given.count == 6 && given.ranges[1].start == 0x100000);
	assert(given.ranges[2].size == 0x100000 && given.ranges[2].accepted);
	assert(!given.ranges[3].accepted && given.ranges[4].start == 0x1400000);
	for (size_t size = 0; size < used; size++)
		assert(td_hob_build(&map, &firmware, HOB_GPA, hob, size) == -E_NOSPC);
	assert(!td_hob_build(&map, &firmware, HOB_GPA, hob, used));
	return failures != 0;
}
