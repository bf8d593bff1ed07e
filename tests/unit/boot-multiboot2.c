/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiboot2's information: a good one is understood, and each tag that can be wrong is refused by
 * name. The copy lies in heap memory of exactly its size, so that a read past it is caught.
 * RUN: %unit-cc %s -o %t
 */
#include "early/boot_multiboot2.c"

#include "Inputs/boot.h"

/* Information under construction, in memory[]. */
static u32 at;

static void append(const void *data, u32 size)
{
	assert(at + size <= sizeof(memory));
	memcpy(memory + at, data, size);
	at += size;
}

static void put_u32(u32 value) { append(&value, sizeof(value)); }

/* The header of a tag with @size bytes of data behind it. */
static void tag(u32 type, u32 size)
{
	at = align_up(at, 8U);
	put_u32(type);
	put_u32(8 + size);
}

static void begin(void)
{
	reset_info();
	memset(memory, 0, sizeof(memory));
	at = 8;
}

static void end_at(u32 size) { memcpy(memory, &size, sizeof(size)); }

static void end(void)
{
	tag(MULTIBOOT_TAG_TYPE_END, 0);
	end_at(at);
}

static void entry(u64 start, u64 size, u32 type)
{
	struct multiboot_mmap_entry e = { start, size, type, 0 };

	append(&e, sizeof(e));
}

static void mmap_head(u32 size, u32 entry_size)
{
	tag(MULTIBOOT_TAG_TYPE_MMAP, 8 + size);
	put_u32(entry_size);
	put_u32(0);
}

static void good_map(void)
{
	mmap_head(48, 24);
	entry(0x100000, 0x700000, MULTIBOOT_MEMORY_AVAILABLE);
	entry(0xf0000, 0x10000, 77); /* any other value is reserved */
}

static int copy(void **to, u32 *size)
{
	*to = malloc(BOOT_MULTIBOOT2_SIZE_MAX);
	return boot_multiboot2_copy(MULTIBOOT2_BOOTLOADER_MAGIC, MEMORY_START, read_memory, *to,
				    size, &error);
}

static int parse(bool need_map)
{
	void *all, *exact;
	u32 size;
	int err = copy(&all, &size);

	if (!err) {
		exact = malloc(size);
		memcpy(exact, all, size);
		err = boot_multiboot2_parse(exact, size, need_map, &info, &given, &error);
		free(exact);
	}
	free(all);
	return err;
}

static void test_good(void)
{
	begin();
	tag(MULTIBOOT_TAG_TYPE_CMDLINE, 9);
	append("-- hello", 9);
	tag(MULTIBOOT_TAG_TYPE_BOOT_LOADER_NAME, 5);
	append("GRUB", 5);
	good_map();
	tag(MULTIBOOT_TAG_TYPE_ACPI_NEW, 36);
	at += 36;
	end();
	expect(parse(true), NULL);
	assert(!strcmp(info.loader, "multiboot2") && !strcmp(info.cmdline, "-- hello"));
	assert(given.count == 2 && given.ranges[0].type == MEMORY_RESERVED);
	assert(given.ranges[1].start == 0x100000 && info.rsdp);
}

/* With boot services alive a map is not needed, and not used. */
static void test_efi64(void)
{
	begin();
	good_map();
	end();
	expect(parse(false), NULL);
	assert(!strcmp(info.loader, "multiboot2-efi64") && !given.count);
}

static void test_header(void)
{
	u32 size;

	begin();
	expect(boot_multiboot2_copy(1, MEMORY_START, read_memory, NULL, &size, &error),
	       "multiboot2 magic: 0x1 is not 0x36d76289");
	expect(boot_multiboot2_copy(MULTIBOOT2_BOOTLOADER_MAGIC, 4, read_memory, NULL, &size,
				    &error),
	       "multiboot2 information: 0x4 is not aligned");
	expect(boot_multiboot2_copy(MULTIBOOT2_BOOTLOADER_MAGIC, 8, read_memory, NULL, &size,
				    &error),
	       "multiboot2 information: 0x8 is not readable");
	end_at(15);
	expect(parse(true), "multiboot2 total_size: 15 is not 16 to 65536");
	end_at(65537);
	expect(parse(true), "multiboot2 total_size: 65537 is not 16 to 65536");
	end_at(0x3001);
	expect(parse(true), "multiboot2 total_size: 12289 bytes at 0x9000 are not readable");
}

static void test_tags(void)
{
	begin();
	good_map();
	end_at(at); /* no end tag */
	expect(parse(true), "multiboot2 tag at 0x48: no room, and no end tag before");
	begin();
	good_map();
	tag(MULTIBOOT_TAG_TYPE_END, 0);
	end_at(at - 1);
	expect(parse(true), "multiboot2 tag at 0x48: no room, and no end tag before");
	begin();
	tag(99, 0);
	memory[12] = 7;
	end();
	expect(parse(true), "multiboot2 tag 99 at 0x8: size 7 does not fit");
	begin();
	tag(99, 1000);
	end();
	expect(parse(true), "multiboot2 tag 99 at 0x8: size 1008 does not fit");
	begin();
	tag(99, ~0U - 8);
	end();
	expect(parse(true), "multiboot2 tag 99 at 0x8: size 4294967295 does not fit");
}

static void test_cmdline(void)
{
	begin();
	tag(MULTIBOOT_TAG_TYPE_CMDLINE, 3);
	append("abc", 3);
	end();
	expect(parse(true), "multiboot2 tag cmdline: not terminated");
	begin();
	tag(MULTIBOOT_TAG_TYPE_CMDLINE, 0);
	end();
	expect(parse(true), "multiboot2 tag cmdline: not terminated");
	begin();
	tag(MULTIBOOT_TAG_TYPE_CMDLINE, 1025);
	memset(memory + at, 'a', 1024);
	at += 1025;
	end();
	expect(parse(true), "multiboot2 tag cmdline: 1024 bytes are more than 1023");
}

static void refuse_map(u32 size, u32 entry_size, const char *sentence)
{
	begin();
	mmap_head(size, entry_size);
	at += size;
	end();
	expect(parse(true), sentence);
}

static void test_map(void)
{
	begin();
	end();
	expect(parse(true), "multiboot2 tag mmap: missing or empty");
	begin();
	tag(MULTIBOOT_TAG_TYPE_MMAP, 7);
	at += 7;
	end();
	expect(parse(true), "multiboot2 tag mmap: size 15 is too small");
	refuse_map(0, 24, "multiboot2 tag mmap: missing or empty");
	refuse_map(48, 23, "multiboot2 tag mmap: entry_size 23 is not a multiple of 8");
	refuse_map(48, 0, "multiboot2 tag mmap: entry_size 0 is not 24 to 4096");
	refuse_map(48, 16, "multiboot2 tag mmap: entry_size 16 is not 24 to 4096");
	refuse_map(48, 0x80000000, "multiboot2 tag mmap: entry_size 2147483648 is not 24 to 4096");
	refuse_map(47, 24, "multiboot2 tag mmap: size 63 is not whole entries of 24");
	begin();
	good_map();
	good_map();
	end();
	expect(parse(true), "multiboot2 tag mmap: there are two");
	begin();
	mmap_head(48, 24);
	entry(0x100000, 0x700000, MULTIBOOT_MEMORY_AVAILABLE);
	entry(0x7fffff, 1, MULTIBOOT_MEMORY_NVS);
	end();
	expect(parse(true), "multiboot2 tag mmap: entry 1, 0x7fffff + 0x1, overlaps another");
}

static void test_pointers(void)
{
	const u64 table = 0x123456789abc;
	u64 value;

	begin();
	tag(MULTIBOOT_TAG_TYPE_EFI64, 8);
	append(&table, 8);
	tag(MULTIBOOT_TAG_TYPE_EFI64_IH, 4);
	append(&table, 4);
	end();
	expect(boot_multiboot2_pointer(memory, at, MULTIBOOT_TAG_TYPE_EFI64, &value, &error), NULL);
	assert(value == table);
	expect(boot_multiboot2_pointer(memory, at, MULTIBOOT_TAG_TYPE_EFI32, &value, &error), NULL);
	assert(!value);
	expect(boot_multiboot2_pointer(memory, at, MULTIBOOT_TAG_TYPE_EFI64_IH, &value, &error),
	       "multiboot2 tag 20: size 12 is not 16");
	begin();
	tag(MULTIBOOT_TAG_TYPE_ACPI_OLD, 19);
	at += 19;
	end();
	expect(parse(false), "multiboot2 tag rsdp: size 27 is too small");
}

int main(void)
{
	test_good();
	test_efi64();
	test_header();
	test_tags();
	test_cmdline();
	test_map();
	test_pointers();
	return failures != 0;
}
