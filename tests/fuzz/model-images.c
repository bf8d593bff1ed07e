/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No file given as a guest, however wrong, makes a plan that reads outside of the file, writes
 * outside of the guest's memory or puts two things into one place. The input is a list of changes
 * to a good ELF file or a good bzImage, whose first bytes also say where the file ends.
 * The suite's run is short and always the same. A long one: the lines below with
 * `-max_total_time=3600 CORPUS` in place of -runs and -seed.
 *
 * RUN: clang @%build/lists/flags-native -fsanitize=fuzzer %s -o %t
 * RUN: %t -seed=1 -runs=100000 -max_len=256 -len_control=0 -artifact_prefix=%t- 2>&1
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "abi/elf.h"

#include "../../model/elf_image.c"
#include "../../model/linux_image.c"
#include "../../model/memmap.c"
#include "../../model/pvh_info.c"

#define FILE_MAX 0x1000
#define BASE     0x200000

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct elf_file {
	struct elf64_header header;
	struct elf64_program_header ph[3];
	u8 text[64];
	struct elf_note_header pvh;
	char pvh_name[4];
	u32 pvh_entry;
	struct elf_note_header launch;
	char launch_name[8];
	struct launch_section sections[2];
};

static const struct elf_file good_elf = {
	.header = { .magic = ELF_MAGIC,
		    .class = ELF_CLASS_64,
		    .data = ELF_DATA_LSB,
		    .type = ELF_TYPE_EXEC,
		    .machine = ELF_MACHINE_X86_64,
		    .phoff = offsetof(struct elf_file, ph),
		    .phentsize = 56,
		    .phnum = 3 },
	.ph = { { .type = ELF_PT_LOAD,
		  .offset = offsetof(struct elf_file, text),
		  .paddr = BASE,
		  .filesz = 64,
		  .memsz = 0x4000 },
		{ .type = ELF_PT_LOAD, .paddr = BASE + 0x10000, .memsz = 0x4000 },
		{ .type = ELF_PT_NOTE,
		  .offset = offsetof(struct elf_file, pvh),
		  .filesz = sizeof(struct elf_file) - offsetof(struct elf_file, pvh) } },
	.pvh = { 4, 4, PVH_NOTE_TYPE },
	.pvh_name = PVH_NOTE_NAME,
	.pvh_entry = BASE,
	.launch = { 8, 24, LAUNCH_NOTE_TYPE_SEV },
	.launch_name = LAUNCH_NOTE_NAME,
	.sections = { { BASE + 0x10000, 0x1000, SEV_SECTION_SECRETS },
		      { BASE + 0x11000, 0x1000, SEV_SECTION_CPUID } },
};

static struct memmap map;

static void make_bzimage(u8 *file)
{
	memset(file, 0, FILE_MAX);
	set(file, LINUX_SETUP_SECTS, 1, 1);
	set(file, LINUX_BOOT_FLAG, 2, LINUX_BOOT_FLAG_MAGIC);
	set(file, LINUX_JUMP, 2, 0x6aeb);
	set(file, LINUX_HEADER, 4, LINUX_HEADER_MAGIC);
	set(file, LINUX_VERSION, 2, 0x20f);
	set(file, LINUX_LOADFLAGS, 1, LINUX_LOADED_HIGH);
	set(file, LINUX_INITRD_ADDR_MAX, 4, 0x7fffffff);
	set(file, LINUX_KERNEL_ALIGNMENT, 4, PAGE_2M_SIZE);
	set(file, LINUX_RELOCATABLE_KERNEL, 1, 1);
	set(file, LINUX_XLOADFLAGS, 2, LINUX_XLF_KERNEL_64);
	set(file, LINUX_CMDLINE_MAX, 4, 2047);
	set(file, LINUX_PREF_ADDRESS, 8, 0x1000000);
	set(file, LINUX_INIT_SIZE, 4, 0x900000);
}

static bool apart(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a + a_size <= b || b + b_size <= a;
}

static void check_elf(const void *file, size_t size)
{
	struct elf_plan plan;
	const char *why;
	struct source source = source_of_bytes(file, size);
	int error = elf_plan(&source, &map, &plan, &why);

	assert(!error == !why);
	if (error)
		return;
	assert(plan.segment_count && plan.segment_count <= ELF_SEGMENTS_MAX);
	for (u32 i = 0; i < plan.segment_count; i++) {
		const struct elf_segment *s = &plan.segments[i];

		assert(s->file_size <= s->memory_size && s->file_size <= size);
		assert(s->file_offset <= size - s->file_size);
		assert(memmap_is_ram(&map, s->gpa, s->memory_size));
		assert(s->gpa >= plan.low && s->gpa + s->memory_size <= plan.high);
		for (u32 j = 0; j < i; j++)
			assert(apart(s->gpa, s->memory_size, plan.segments[j].gpa,
				     plan.segments[j].memory_size));
	}
	for (u32 i = 0; i < plan.section_count; i++)
		assert(memmap_is_ram(&map, plan.sections[i].gpa, plan.sections[i].size));
	assert(memmap_is_ram(&map, plan.pvh_entry, 1));
}

static void check_linux(const void *file, size_t size, u64 initrd_size)
{
	const struct linux_params params = {
		.map = &map, .cmdline = "quiet", .initrd_size = initrd_size, .cc = true
	};
	struct linux_image image;
	struct linux_place place;
	const char *why;
	u8 *block;

	if (linux_image_parse(file, size, &image, &why)) {
		assert(why);
		return;
	}
	assert(image.kernel_offset + image.kernel_size <= size);
	if (linux_image_place(&image, &map, initrd_size, &place, &why)) {
		assert(why);
		return;
	}
	assert(memmap_is_ram(&map, place.kernel, image.init_size));
	assert(image.kernel_size <= image.init_size);
	assert(memmap_is_ram(&map, place.params, LINUX_BLOCK_SIZE));
	assert(apart(place.kernel, image.init_size, place.params, LINUX_BLOCK_SIZE));
	if (initrd_size) {
		assert(memmap_is_ram(&map, place.initrd, initrd_size));
		assert(apart(place.initrd, initrd_size, place.kernel, image.init_size));
		assert(apart(place.initrd, initrd_size, place.params, LINUX_BLOCK_SIZE));
	}
	block = malloc(LINUX_BLOCK_SIZE);
	if (linux_block_build(file, &image, &place, &params, BIT(51), block))
		assert(image.cmdline_max < 5);
	free(block);
}

/* Changes of four bytes: where (two bytes), what, and how many. Most places are in the headers. */
static void apply(u8 *file, const u8 *data, size_t size, u32 span)
{
	for (; size >= 4; data += 4, size -= 4) {
		u32 at = (data[0] | (u32)data[1] << 8) % span;

		for (u32 i = 0; i <= (data[3] & 7U); i++)
			if (at + i < FILE_MAX)
				file[at + i] = data[2];
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 *file, *exact;
	size_t length;

	if (size < 4)
		return 0;
	if (!map.count) {
		assert(!memmap_set(&map, 0x100000, 0x7f00000, HVM_MEMMAP_RAM));
		assert(!memmap_set(&map, BIT(32), 0x1000000, HVM_MEMMAP_RAM));
	}
	file = calloc(1, FILE_MAX);
	if (data[0] & 1) {
		make_bzimage(file);
		apply(file, data + 4, size - 4, HEADER_LIMIT);
		length = FILE_MAX;
	} else {
		memcpy(file, &good_elf, sizeof(good_elf));
		apply(file, data + 4, size - 4, sizeof(good_elf));
		length = sizeof(good_elf);
	}
	if (data[0] & 2)
		length = (data[1] | (size_t)data[2] << 8) % (length + 1);
	exact = malloc(length);
	memcpy(exact, file, length);
	check_elf(exact, length);
	check_linux(exact, length, (u64)data[3] << 15);
	free(exact);
	free(file);
	return 0;
}
