/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No file given to postern-vmm as an image, however wrong, makes it read outside of the file or
 * write outside of the guest's memory, and what would be launched is what was loaded. The input is
 * a list of changes to a good file, whose first bytes also say where it ends.
 * The suite's run is short and always the same. A long one: the lines below with
 * `-max_total_time=3600 CORPUS` in place of -runs and -seed.
 *
 * RUN: clang @%build/lists/flags-native -O0 -fuse-ld=lld -fsanitize=fuzzer %s \
 * RUN:   %root/host/acpi.c %root/host/layout.c \
 * RUN:   %root/host/load.c %root/host/memory.c %root/host/launch.c %root/host/why.c \
 * RUN:   %root/lib/format.c %root/model/elf_image.c %root/model/memmap.c \
 * RUN:   %root/model/pvh_info.c -o %t
 * RUN: %t -seed=1 -runs=30000 -max_len=128 -len_control=0 -artifact_prefix=%t- > %t.log 2>&1
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "host/launch.h"
#include "host/layout.h"
#include "host/load.h"
#include "host/sys.h"

#include "../unit/Inputs/small-elf.h"

#define BYTES (U64_C(64) << 20)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct sys sys;
static struct memory memory = { .sys = &sys,
				.slot_count = 1,
				.slots = { { .size = BYTES, .guest_memfd = -1 } } };

static void by_the_page(struct sys *of, void *address, u64 size)
{
	u64 offset = (u64)((u8 *)address - (u8 *)memory.slots[0].shared);

	assert(of == &sys && offset < BYTES && size <= BYTES - offset);
}

static struct sys sys = { .by_the_page = by_the_page };

int machine_extension(const struct machine *machine, u32 cap)
{
	(void)machine;
	(void)cap;
	abort();
}

static void check_launch(const struct elf_plan *plan)
{
	struct launch_range ranges[LAUNCH_RANGES_MAX];
	unsigned int count = launch_ranges(plan, ranges);

	assert(count && count <= LAUNCH_RANGES_MAX);
	for (unsigned int i = 0; i < count; i++) {
		assert(!(ranges[i].gpa % PAGE_SIZE) && !(ranges[i].size % PAGE_SIZE));
		assert(memory_shared(&memory, ranges[i].gpa, ranges[i].size));
		for (unsigned int j = 0; j < i; j++)
			assert(ranges[i].gpa >= ranges[j].gpa + ranges[j].size ||
			       ranges[j].gpa >= ranges[i].gpa + ranges[i].size);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct load load = { .cmdline = "words", .memory = BYTES, .processors = 3 };
	struct elf_plan plan;
	struct why why;
	u8 *file;

	if (size < 3)
		return 0;
	if (!memory.slots[0].shared)
		memory.slots[0].shared = malloc(BYTES);
	load.image_size = data[0] & 1 ? (data[1] | (u64)data[2] << 8) % (sizeof(small_elf) + 1)
				      : sizeof(small_elf);
	file = malloc(sizeof(small_elf));
	memcpy(file, &small_elf, sizeof(small_elf));
	for (data += 3, size -= 3; size >= 4; data += 4, size -= 4)
		for (u32 i = 0; i <= (data[3] & 7U); i++)
			file[(data[0] + (data[1] & 1U) * 256 + i) % sizeof(small_elf)] = data[2];
	load.image = memcpy(malloc(load.image_size), file, load.image_size);
	free(file);
	if (!load_guest(&memory, &load, &plan, &why))
		check_launch(&plan);
	else
		assert(why.text[0]);
	free((void *)(uintptr_t)load.image);
	return 0;
}
