/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory map stays sorted, without overlap and joined, whatever is set in it, and a place is
 * found only in RAM.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <stdlib.h>

#include "../../model/memmap.c"

#define RAM      HVM_MEMMAP_RAM
#define RESERVED HVM_MEMMAP_RESERVED
#define ACPI     HVM_MEMMAP_ACPI

static struct memmap map;

static void check_invariants(void)
{
	assert(map.count <= MEMMAP_MAX);
	for (unsigned int i = 0; i < map.count; i++) {
		const struct hvm_memmap_entry *e = &map.entries[i];

		assert(e->size && e->type && e->addr + e->size > e->addr);
		if (i) {
			assert(e[-1].addr + e[-1].size <= e->addr);
			assert(e[-1].addr + e[-1].size < e->addr || e[-1].type != e->type);
		}
	}
}

static void set(u64 base, u64 size, u32 type)
{
	assert(!memmap_set(&map, base, size, type));
	check_invariants();
}

static bool entry_is(unsigned int i, u64 base, u64 size, u32 type)
{
	return i < map.count && map.entries[i].addr == base && map.entries[i].size == size &&
	       map.entries[i].type == type;
}

static void test_set(void)
{
	memmap_init(&map);
	set(0x100000, 0x100000, RAM);
	set(0, 0xa0000, RAM);
	assert(map.count == 2 && entry_is(0, 0, 0xa0000, RAM));
	set(0x140000, 0x1000, RESERVED); /* out of the middle */
	assert(map.count == 4 && entry_is(2, 0x140000, 0x1000, RESERVED));
	assert(entry_is(1, 0x100000, 0x40000, RAM) && entry_is(3, 0x141000, 0xbf000, RAM));
	set(0x140000, 0x1000, RAM); /* and back: joined again */
	assert(map.count == 2 && entry_is(1, 0x100000, 0x100000, RAM));
	set(0x90000, 0x90000, ACPI); /* over an end, a hole and a beginning */
	assert(map.count == 3 && entry_is(0, 0, 0x90000, RAM));
	assert(entry_is(1, 0x90000, 0x90000, ACPI) && entry_is(2, 0x120000, 0xe0000, RAM));
	set(0x80000, 0x200000, 0); /* a hole */
	assert(map.count == 1 && entry_is(0, 0, 0x80000, RAM));
	set(0, 0x80000, RESERVED);
	assert(map.count == 1 && entry_is(0, 0, 0x80000, RESERVED));
}

static void test_refusals(void)
{
	memmap_init(&map);
	assert(memmap_set(&map, 0x1000, 0, RAM) == -E_INVAL);
	assert(memmap_set(&map, 0x1000, ~U64_C(0), RAM) == -E_INVAL);
	assert(map.count == 0);
	for (u64 i = 0; i < MEMMAP_MAX; i++)
		set(i * 0x2000, 0x1000, RAM);
	assert(memmap_set(&map, 0x1000000, 0x1000, RAM) == -E_NOSPC);
	assert(memmap_set(&map, 0x1000, 0x1000, RESERVED) == -E_NOSPC);
	assert(map.count == MEMMAP_MAX && entry_is(1, 0x2000, 0x1000, RAM));
	check_invariants();
}

static void test_questions(void)
{
	memmap_init(&map);
	assert(memmap_ram_end(&map) == 0);
	set(0x1000, 0x3000, RAM);
	set(0x4000, 0x1000, RESERVED);
	assert(memmap_type(&map, 0xfff) == 0 && memmap_type(&map, 0x1000) == RAM);
	assert(memmap_type(&map, 0x4fff) == RESERVED && memmap_type(&map, 0x5000) == 0);
	assert(memmap_ram_end(&map) == 0x4000);
	assert(memmap_is_ram(&map, 0x1000, 0x3000) && memmap_is_ram(&map, 0x3fff, 1));
	assert(!memmap_is_ram(&map, 0x1000, 0x3001) && !memmap_is_ram(&map, 0x4000, 1));
	assert(!memmap_is_ram(&map, 0x2000, 0) && !memmap_is_ram(&map, 0x2000, ~U64_C(0)));
	assert(!memmap_is_ram(&map, 0, 0x2000));
}

static void test_find(void)
{
	u64 at = 1;

	memmap_init(&map);
	set(0x1000, 0x9000, RAM);
	set(0x100000, 0x10000, RAM);
	set(0x200000, 0x100000, RESERVED);
	assert(!memmap_find_high(&map, 0x1000, 0x1000, 0, ~U64_C(0), &at) && at == 0x10f000);
	assert(!memmap_find_high(&map, 0x1000, 0x10000, 0, ~U64_C(0), &at) && at == 0x100000);
	assert(!memmap_find_high(&map, 0x9000, 0x1000, 0, 0x100000, &at) && at == 0x1000);
	assert(!memmap_find_high(&map, 0x800, 0x1000, 0, 0x3800, &at) && at == 0x3000);
	assert(memmap_find_high(&map, 0x10001, 0x1000, 0, ~U64_C(0), &at) == -E_NOMEM);
	assert(memmap_find_high(&map, 0x2000, 0x1000, 0x2000, 0x3000, &at) == -E_NOMEM);
	assert(!memmap_find_low(&map, 0x1000, 0x1000, 0, ~U64_C(0), &at) && at == 0x1000);
	assert(!memmap_find_low(&map, 0xa000, 0x1000, 0, ~U64_C(0), &at) && at == 0x100000);
	assert(!memmap_find_low(&map, 0x1000, 0x8000, 0, ~U64_C(0), &at) && at == 0x8000);
	assert(!memmap_find_low(&map, 0x1000, 0x1000, 0x101234, ~U64_C(0), &at) && at == 0x102000);
	assert(memmap_find_low(&map, 0x1000, 0x1000, 0x110000, ~U64_C(0), &at) == -E_NOMEM);
	assert(memmap_find_low(&map, 0x2000, 0x1000, 0x100000, 0x101000, &at) == -E_NOMEM);
	assert(memmap_find_low(&map, 0x11000, 0x1000, 0, ~U64_C(0), &at) == -E_NOMEM);
}

/* Against an array with one cell a page. */
static void test_against_array(void)
{
	static u32 cells[256];

	srand(1);
	memmap_init(&map);
	for (int round = 0; round < 20000; round++) {
		u64 base = (u64)(rand() % 256), size = (u64)(rand() % 20);
		u32 type = (u32)(rand() % 4);

		if (base + size > 256 || !size)
			continue;
		if (memmap_set(&map, base, size, type))
			continue;
		check_invariants();
		for (u64 i = 0; i < size; i++)
			cells[base + i] = type;
		for (u64 i = 0; i < 256; i++)
			assert(memmap_type(&map, i) == cells[i]);
	}
}

int main(void)
{
	test_set();
	test_refusals();
	test_questions();
	test_find();
	test_against_array();
	return 0;
}
