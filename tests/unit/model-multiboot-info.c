/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A multiboot guest finds command line, modules and memory map where its information says; a block
 * that is too small is an error, and nothing is written behind it.
 * RUN: %unit-cc %s -o %t
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "abi/multiboot1.h"

#include "../../model/memmap.c"
#include "../../model/multiboot_info.c"

#define GPA 0x10000

static u8 block[4096];
static struct memmap map;

static const void *at(u32 gpa) { return block + (gpa - GPA); }

static void test_full(void)
{
	const struct pvh_module modules[] = { { 0x200000, 0x5000, "words" },
					      { 0x300000, 1, NULL } };
	const struct pvh_info full = {
		.cmdline = "guest one", .map = &map, .module_count = 2, .modules = modules
	};
	s64 used = multiboot_info_build(&full, block, sizeof(block), GPA);
	struct mb1_info info;
	struct mb1_module module;
	struct mb1_memory memory;

	assert(used > 0);
	memcpy(&info, block, sizeof(info));
	assert(info.flags ==
	       (MB1_INFO_MEMORY | MB1_INFO_CMDLINE | MB1_INFO_MODULES | MB1_INFO_MMAP));
	assert(info.mem_lower == 0x9fc00 / 1024 && info.mem_upper == 0xf00000 / 1024);
	assert(!strcmp(at(info.cmdline), "guest one") && info.mods_count == 2);
	memcpy(&module, at(info.mods_addr), sizeof(module));
	assert(module.start == 0x200000 && module.end == 0x205000);
	assert(!strcmp(at(module.cmdline), "words"));
	memcpy(&module, (const u8 *)at(info.mods_addr) + 16, sizeof(module));
	assert(module.end == 0x300001 && !module.cmdline);
	assert(info.mmap_length == 3 * 24);
	memcpy(&memory, (const u8 *)at(info.mmap_addr) + 24, sizeof(memory));
	assert(memory.size == 20 && memory.addr == 0x100000 && memory.len == 0xf00000);
	for (u64 size = 0; size < (u64)used; size++) {
		memset(block, 0xa5, sizeof(block));
		assert(multiboot_info_build(&full, block, size, GPA) == -E_NOSPC);
		assert(block[size] == 0xa5);
	}
}

static void test_bare(void)
{
	const struct pvh_info bare = { .cmdline = "", .map = &map };
	struct mb1_info info;

	assert(multiboot_info_build(&bare, block, sizeof(block), GPA) > 0);
	memcpy(&info, block, sizeof(info));
	assert(!info.mods_count && !*(const char *)at(info.cmdline));
}

int main(void)
{
	assert(!memmap_set(&map, 0, 0x9fc00, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, 0x100000, 0xf00000, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, 0xfee00000, 0x1000, HVM_MEMMAP_RESERVED));
	test_full();
	test_bare();
	return 0;
}
