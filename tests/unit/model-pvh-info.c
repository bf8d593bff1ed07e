/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PVH guest finds start info, modules, map and command lines where the addresses in them say,
 * all inside of the block, and no block too small is written beyond its end.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "../../model/memmap.c"
#include "../../model/pvh_info.c"

#define GPA U64_C(0x9000)

static struct memmap map;
static const struct pvh_module modules[] = {
	{ 0x400000, 0x1000, "first" },
	{ 0x500000, 0x2000, NULL },
};
static const struct pvh_info full = { "key=value -- hello", 0xf5a10, &map, 2, modules };

static void *at(void *block, s64 used, u64 gpa)
{
	assert(gpa >= GPA && gpa < GPA + (u64)used);
	return (u8 *)block + (gpa - GPA);
}

static void test_full(void)
{
	u8 *block = aligned_alloc(8, 4096);
	s64 used = pvh_info_build(&full, block, 4096, GPA);
	struct hvm_start_info *info = (void *)block;
	struct hvm_modlist_entry *list;
	struct hvm_memmap_entry *entries;

	assert(used > 0);
	assert(info->magic == HVM_START_MAGIC && info->version == 1 && info->flags == 0);
	assert(info->rsdp_paddr == 0xf5a10 && info->nr_modules == 2);
	assert(!strcmp(at(block, used, info->cmdline_paddr), full.cmdline));
	list = at(block, used, info->modlist_paddr);
	assert(list[0].paddr == 0x400000 && list[0].size == 0x1000);
	assert(!strcmp(at(block, used, list[0].cmdline_paddr), "first"));
	assert(list[1].paddr == 0x500000 && list[1].size == 0x2000 && !list[1].cmdline_paddr);
	assert(info->memmap_entries == 2);
	entries = at(block, used, info->memmap_paddr);
	assert(entries[0].addr == 0 && entries[0].size == 0xa0000 && entries[0].type == 1);
	assert(entries[1].addr == 0x100000 && entries[1].type == 3);
	assert(info->memmap_paddr % 8 == 0 && info->modlist_paddr % 8 == 0);
	free(block);
}

static void test_nothing(void)
{
	const struct pvh_info bare = { .map = &map };
	struct hvm_start_info info[8];

	assert(pvh_info_build(&bare, info, sizeof(info), GPA) > 0);
	assert(!info->cmdline_paddr && !info->modlist_paddr && !info->nr_modules);
}

static void test_too_small(void)
{
	s64 used;
	u8 *block = aligned_alloc(8, 4096);

	used = pvh_info_build(&full, block, 4096, GPA);
	free(block);
	for (s64 size = 0; size < used; size++) {
		block = malloc((size_t)size); /* the sanitizer watches its end */
		assert(pvh_info_build(&full, block, (u64)size, GPA) == -E_NOSPC);
		free(block);
	}
	block = malloc((size_t)used);
	assert(pvh_info_build(&full, block, (u64)used, GPA) == used);
	free(block);
}

int main(void)
{
	memmap_init(&map);
	assert(!memmap_set(&map, 0, 0xa0000, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, 0x100000, 0x1000, HVM_MEMMAP_ACPI));
	test_full();
	test_nothing();
	test_too_small();
	return 0;
}
