/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bzImage is booted by the 64-bit protocol: what its header says is checked, everything finds
 * a place in RAM, and the block of parameters says where. Where Debian's kernel is at hand, that
 * one too.
 * RUN: %unit-cc %s -o %t
 * RUN: env VMLINUZ=%build/linux/vmlinuz %t
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../model/linux_image.c"
#include "../../model/memmap.c"

#define M2        ((u64)PAGE_2M_SIZE)
#define FILE_SIZE 0x3000
#define REAL_MAX  ((size_t)32 << 20)
#define CBIT      BIT(51)

static u8 file[FILE_SIZE + 1];
static u8 block[LINUX_BLOCK_SIZE];
static struct memmap map;
static struct linux_image image;
static struct linux_place place;
static const char *why;

static void make_file(void)
{
	memset(file, 0x5a, sizeof(file));
	set(file, LINUX_SETUP_SECTS, 1, 3);
	set(file, LINUX_SYSSIZE, 4, (FILE_SIZE - 0x800) / 16);
	set(file, LINUX_BOOT_FLAG, 2, 0xaa55);
	set(file, LINUX_JUMP, 2, 0x6aeb);
	set(file, LINUX_HEADER, 4, LINUX_HEADER_MAGIC);
	set(file, LINUX_VERSION, 2, 0x20f);
	set(file, LINUX_LOADFLAGS, 1, 1);
	set(file, LINUX_INITRD_ADDR_MAX, 4, 0x7fffffff);
	set(file, LINUX_KERNEL_ALIGNMENT, 4, M2);
	set(file, LINUX_RELOCATABLE_KERNEL, 1, 1);
	set(file, LINUX_XLOADFLAGS, 2, 0x3f);
	set(file, LINUX_CMDLINE_MAX, 4, 2047);
	set(file, LINUX_SETUP_DATA, 8, 0);
	set(file, LINUX_PREF_ADDRESS, 8, 0x1000000);
	set(file, LINUX_INIT_SIZE, 4, 0x900000);
	memmap_init(&map);
	assert(!memmap_set(&map, 0, 0x9fc00, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, 0x100000, 0x7f00000, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, 0x8000000, 0x10000, HVM_MEMMAP_ACPI));
}

static int parse(void) { return linux_image_parse(file, FILE_SIZE, &image, &why); }

static void test_parse(void)
{
	make_file();
	assert(!parse() && !why);
	assert(image.kernel_offset == 0x800 && image.kernel_size == FILE_SIZE - 0x800);
	assert(image.preferred == 0x1000000 && image.init_size == 0x900000);
	assert(image.alignment == M2 && image.relocatable && image.cmdline_max == 2047);
	set(file, LINUX_SETUP_SECTS, 1, 0); /* means 4 */
	set(file, LINUX_SYSSIZE, 4, (FILE_SIZE - 0xa00) / 16);
	assert(!parse() && image.kernel_offset == 0xa00);
	set(file, LINUX_CMDLINE_MAX, 4, 10000);
	assert(!parse() && image.cmdline_max == 4095);
}

/* The header says how long the kernel is: what is behind it is not its own. */
static void test_size(void)
{
	make_file();
	set(file, LINUX_SYSSIZE, 4, 0x100);
	assert(!parse() && image.kernel_size == 0x1000);
	set(file, LINUX_SYSSIZE, 4, 0); /* nobody said */
	assert(!parse() && image.kernel_size == FILE_SIZE - 0x800);
	set(file, LINUX_SYSSIZE, 4,
	    (FILE_SIZE - 0x800) / 16 + 1); /* whole units, the file is less */
	assert(parse() == -E_INVAL);
	assert(!linux_image_parse(file, FILE_SIZE + 1, &image, &why));
	assert(image.kernel_size == FILE_SIZE - 0x800 + 1);
}

/* A kernel that may be above 4 GiB itself says nothing of its initrd. */
static void test_initrd_max(void)
{
	make_file();
	assert(!parse() && image.initrd_max == 0xffffffff);
	set(file, LINUX_XLOADFLAGS, 2, LINUX_XLF_KERNEL_64);
	assert(!parse() && image.initrd_max == 0x7fffffff);
}

static bool cmdline_is(const char *words, u32 max, const char *built)
{
	char to[64];

	memset(to, 'x', sizeof(to));
	return !linux_cmdline_build(words, max, to) && !strcmp(to, built);
}

static void test_cmdline(void)
{
	char to[64];

	assert(cmdline_is("", 60, "panic=-1 "));
	assert(cmdline_is("quiet", 60, "panic=-1 quiet"));
	assert(cmdline_is("quiet panic=5", 60, "quiet panic=5"));
	assert(cmdline_is("panic=0 quiet", 60, "panic=0 quiet"));
	assert(cmdline_is("nopanic=1 x.panic=1", 60, "panic=-1 nopanic=1 x.panic=1"));
	assert(cmdline_is("quiet -- panic=1", 60, "panic=-1 quiet -- panic=1")); /* init's */
	assert(cmdline_is("quiet", 14, "panic=-1 quiet"));
	assert(cmdline_is("quiet", 13, "quiet")); /* the user's words come first */
	assert(cmdline_is("quiet", 5, "quiet"));
	assert(linux_cmdline_build("quiet", 4, to) == -E_INVAL);
	assert(linux_cmdline_has_room("quiet", 14) && !linux_cmdline_has_room("quiet", 13));
	assert(linux_cmdline_has_room("panic=1", 7));
}

static bool parse_refused(u32 offset, u32 size, u64 value, const char *reason)
{
	int error;

	make_file();
	set(file, offset, size, value);
	error = parse();
	if (!error || strcmp(why, reason))
		fprintf(stderr, "0x%x: %d %s\n", offset, error, why);
	return error == -E_INVAL && !strcmp(why, reason);
}

static void test_parse_refusals(void)
{
	make_file();
	for (u64 size = 0; size < HEADER_LIMIT; size++)
		assert(linux_image_parse(file, size, &image, &why) == -E_INVAL);
	set(file, LINUX_SYSSIZE, 4, 0);
	assert(linux_image_parse(file, 0x800, &image, &why) == -E_INVAL);
	assert(!strcmp(why, "its kernel is cut off"));
	assert(linux_image_parse(file, 0xa00, &image, &why) == -E_INVAL);
	assert(!strcmp(why, "its kernel is cut off before the 64-bit entry"));
	assert(parse_refused(LINUX_BOOT_FLAG, 2, 0, "it is no Linux bzImage"));
	assert(parse_refused(LINUX_HEADER, 4, 0, "it is no Linux bzImage"));
	assert(parse_refused(LINUX_VERSION, 2, 0x20b, "its boot protocol is older than 2.12"));
	assert(parse_refused(LINUX_XLOADFLAGS, 2, 2, "it has no 64-bit entry"));
	assert(parse_refused(LINUX_LOADFLAGS, 1, 0, "it is a zImage, which loads low"));
	assert(parse_refused(LINUX_JUMP, 2, 0x10eb, "its setup header has a wrong length"));
	assert(parse_refused(LINUX_JUMP, 2, 0xffeb, "its setup header has a wrong length"));
	assert(parse_refused(LINUX_SETUP_SECTS, 1, 64, "its kernel is cut off"));
	assert(parse_refused(LINUX_SYSSIZE, 4, FILE_SIZE / 16, "its kernel is cut off"));
	assert(parse_refused(LINUX_SYSSIZE, 4, 0xffffffff, "its kernel is cut off"));
	assert(parse_refused(LINUX_SYSSIZE, 4, 0x20,
			     "its kernel is cut off before the 64-bit entry"));
	assert(parse_refused(LINUX_INIT_SIZE, 4, 0x1000,
			     "it asks for less memory than its own size"));
	assert(parse_refused(LINUX_KERNEL_ALIGNMENT, 4, 0, "its alignment is no power of two"));
	assert(parse_refused(LINUX_KERNEL_ALIGNMENT, 4, 3, "its alignment is no power of two"));
	assert(parse_refused(LINUX_KERNEL_ALIGNMENT, 4, 8, "its alignment is out of range"));
}

static bool apart(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a + a_size <= b || b + b_size <= a;
}

static void check_place(u64 initrd_size)
{
	assert(memmap_is_ram(&map, place.kernel, image.init_size));
	assert(memmap_is_ram(&map, place.params, LINUX_BLOCK_SIZE));
	assert(place.kernel % image.alignment == 0 && place.params % PAGE_SIZE == 0);
	assert(apart(place.kernel, image.init_size, place.params, LINUX_BLOCK_SIZE));
	assert(place.tables + LINUX_TABLE_PAGES * PAGE_SIZE == place.params + LINUX_BLOCK_SIZE);
	assert(!initrd_size == !place.initrd);
	if (!initrd_size)
		return;
	assert(memmap_is_ram(&map, place.initrd, initrd_size));
	assert(place.initrd + initrd_size - 1 <= image.initrd_max);
	assert(apart(place.kernel, image.init_size, place.initrd, initrd_size));
	assert(apart(place.initrd, initrd_size, place.params, LINUX_BLOCK_SIZE));
}

static void test_place(void)
{
	make_file();
	assert(!parse());
	assert(!linux_image_place(&image, &map, 0x12345, &place, &why) && !why);
	assert(place.kernel == 0x1000000);
	check_place(0x12345);
	assert(!linux_image_place(&image, &map, 0, &place, &why));
	check_place(0);
	/* the monitor lies at the preferred address: above it */
	assert(!memmap_set(&map, 0x1000000, 0x301000, HVM_MEMMAP_RESERVED));
	assert(!linux_image_place(&image, &map, 0x100000, &place, &why));
	assert(place.kernel == 0x1400000);
	check_place(0x100000);
	image.initrd_max = 0xffffff;
	assert(!linux_image_place(&image, &map, 0x100000, &place, &why));
	check_place(0x100000);
}

static bool place_refused(u64 initrd_size, const char *reason)
{
	return linux_image_place(&image, &map, initrd_size, &place, &why) == -E_NOMEM &&
	       !strcmp(why, reason);
}

/*
 * Where it would like to be is no memory: the highest place, which is not below where it was
 * linked.
 */
static void test_place_elsewhere(void)
{
	make_file();
	set(file, LINUX_PREF_ADDRESS, 8, BIT(32));
	assert(!parse() && !linux_image_place(&image, &map, 0x1000, &place, &why));
	assert(place.kernel == 0x7600000);
	check_place(0x1000);
	image.relocatable = false;
	assert(place_refused(0, "there is no room for the kernel"));
	image.preferred = 0x8000; /* the first megabyte is Linux's own */
	image.init_size = 0x9000;
	assert(place_refused(0, "there is no room for the kernel"));
}

static void test_place_refusals(void)
{
	make_file();
	set(file, LINUX_RELOCATABLE_KERNEL, 1, 0);
	assert(!parse());
	assert(!memmap_set(&map, 0x1000000, 0x1000, HVM_MEMMAP_RESERVED));
	assert(place_refused(0, "there is no room for the kernel"));
	make_file();
	assert(!parse());
	assert(place_refused(0x8000000, "there is no room for the initrd"));
	assert(!memmap_set(&map, 0x100000, 0xf00000, HVM_MEMMAP_RESERVED));
	assert(!memmap_set(&map, 0x1900000, 0x6700000, HVM_MEMMAP_RESERVED));
	assert(place_refused(0, "there is no room for the boot parameters"));
	assert(!memmap_set(&map, 0x1800000, 0x1000, HVM_MEMMAP_RESERVED));
	assert(place_refused(0, "there is no room for the kernel"));
}

static u8 *page(u64 gpa) { return block + (gpa - place.params); }

/* The type that the e820 table in boot_params has for @gpa. */
static u32 e820_type(u64 gpa)
{
	const u8 *params = page(place.params);

	for (u32 i = 0; i < get(params, LINUX_E820_ENTRIES, 1); i++) {
		u32 entry = LINUX_E820_TABLE + i * 20;

		if (gpa - get(params, entry, 8) < get(params, entry + 8, 8))
			return (u32)get(params, entry + 16, 4);
	}
	return 0;
}

static void build(bool cc)
{
	const struct linux_params params = {
		.map = &map,
		.cmdline = "console=ttyS0 quiet",
		.rsdp = 0xf5a10,
		.initrd_size = 0x5000,
		.cc = cc,
	};

	make_file();
	assert(!parse() && !linux_image_place(&image, &map, 0x5000, &place, &why));
	memset(block, 0xa5, sizeof(block));
	assert(!linux_block_build(file, &image, &place, &params, cc ? CBIT : 0, block));
}

static void test_params(void)
{
	const u8 *params = block;

	build(true);
	assert(!memcmp(params + LINUX_HEADER, "HdrS", 4) && params[0x26b] == 0x5a);
	assert(params[0x26c] == 0 && params[0x1f0] == 0); /* only the header is copied */
	assert(get(params, LINUX_TYPE_OF_LOADER, 1) == 0xff && params[LINUX_SENTINEL] == 0);
	assert(get(params, LINUX_RAMDISK_IMAGE, 4) == place.initrd);
	assert(get(params, LINUX_RAMDISK_SIZE, 4) == 0x5000);
	assert(get(params, LINUX_ACPI_RSDP_ADDR, 8) == 0xf5a10);
	assert(get(params, LINUX_CMD_LINE_PTR, 4) == place.cmdline);
	assert(!strcmp((char *)page(place.cmdline), "panic=-1 console=ttyS0 quiet"));
	assert(get(page(place.gdt), 0x10, 8) == U64_C(0x00af9b000000ffff));
	assert(get(page(place.gdt), 0x18, 8) == U64_C(0x00cf93000000ffff));
	assert(page(place.secrets)[0] == 0xa5 && page(place.cpuid)[4095] == 0xa5);
}

static void test_e820(void)
{
	build(true);
	assert(e820_type(0) == 1 && e820_type(0x9fc00) == 0 && e820_type(0x100000) == 1);
	assert(e820_type(0x8000000) == 3);
	assert(e820_type(place.secrets) == 2 && e820_type(place.cpuid + 4095) == 2);
	/* Linux reads these through a private mapping only if they are RAM */
	assert(e820_type(place.cc) == 1 && e820_type(place.params) == 1);
	assert(e820_type(place.tables) == 1 && e820_type(place.initrd) == 1);
	build(false);
	assert(e820_type(place.secrets) == 1);
}

static void test_cc(void)
{
	struct linux_setup_cc_blob setup;
	struct cc_blob_sev_info blob;

	build(true);
	assert(get(block, LINUX_SETUP_DATA, 8) == place.cc);
	memcpy(&setup, page(place.cc), sizeof(setup));
	assert(setup.header.next == 0 && setup.header.type == 7 && setup.header.len == 8);
	memcpy(&blob, page(setup.cc_blob_address), sizeof(blob));
	assert(blob.magic == CC_BLOB_SEV_MAGIC && blob.version == 1);
	assert(blob.secrets_phys == place.secrets && blob.secrets_len == 4096);
	assert(blob.cpuid_phys == place.cpuid && blob.cpuid_len == 4096);
	build(false);
	assert(get(block, LINUX_SETUP_DATA, 8) == 0 && get(page(place.cc), 0, 8) == 0);
}

/* Walks the tables as the processor would. */
static u64 translate(u64 address, u64 cbit)
{
	u64 entry = get(page(place.tables), (u32)bits_get(address, 47, 39) * 8, 8);

	assert(entry & PTE_P && (entry & CBIT) == cbit);
	entry = get(page(entry & PTE_ADDR_MASK & ~CBIT), (u32)bits_get(address, 38, 30) * 8, 8);
	assert(entry & PTE_P && (entry & CBIT) == cbit && !(entry & PTE_PS));
	entry = get(page(entry & PTE_ADDR_MASK & ~CBIT), (u32)bits_get(address, 29, 21) * 8, 8);
	assert(entry & PTE_P && entry & PTE_W && (entry & CBIT) == cbit && entry & PTE_PS);
	return (entry & PTE_ADDR_MASK & ~CBIT) | (address & (M2 - 1));
}

static void test_tables(void)
{
	for (int cc = 0; cc <= 1; cc++) {
		build(cc);
		for (u64 address = 0; address < BELOW_4G; address += M2)
			assert(translate(address + 0x1234, cc ? CBIT : 0) == address + 0x1234);
		assert(!get(page(place.tables), 8, 8));
	}
}

static void test_build_refusals(void)
{
	static char cmdline[5000];
	struct linux_params params = { .map = &map, .cmdline = cmdline };

	build(true);
	memset(cmdline, 'x', 2048);
	assert(linux_block_build(file, &image, &place, &params, 0, block) == -E_INVAL);
	cmdline[2047] = 0;
	assert(!linux_block_build(file, &image, &place, &params, 0, block));
	assert(strlen((char *)page(place.cmdline)) == 2047);
	memmap_init(&map);
	for (u64 i = 0; i < MEMMAP_MAX; i++)
		assert(!memmap_set(&map, i * M2, 0x1000, HVM_MEMMAP_RAM));
	params.cc = true;
	assert(linux_block_build(file, &image, &place, &params, 0, block) == -E_NOSPC);
}

static void test_real(const char *path)
{
	FILE *f = path ? fopen(path, "rb") : NULL;
	u8 *bytes;
	const struct linux_params params = { .map = &map, .cmdline = "quiet", .cc = true };
	size_t size;

	if (!f)
		return;
	bytes = malloc(REAL_MAX);
	size = fread(bytes, 1, REAL_MAX, f);
	fclose(f);
	make_file();
	assert(!linux_image_parse(bytes, size, &image, &why));
	assert(image.relocatable && image.cmdline_max >= 255);
	assert(!linux_image_place(&image, &map, 0x400000, &place, &why));
	check_place(0x400000);
	assert(!linux_block_build(bytes, &image, &place, &params, CBIT, block));
	free(bytes);
}

int main(void)
{
	test_parse();
	test_size();
	test_initrd_max();
	test_cmdline();
	test_parse_refusals();
	test_place();
	test_place_elsewhere();
	test_place_refusals();
	test_params();
	test_e820();
	test_cc();
	test_tables();
	test_build_refusals();
	test_real(getenv("VMLINUZ"));
	return 0;
}
