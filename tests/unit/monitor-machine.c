/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loader's description is read within its own sizes: a tag that is too short, too long or
 * without its text is an error that names it, and so is a command line that would have to be cut.
 * RUN: %unit-cc %s -o %t
 */
#undef NDEBUG
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../monitor/machine/machine.c"
#include "../../model/memmap.c"

#define MAGIC MULTIBOOT2_BOOTLOADER_MAGIC

u8 monitor_start[1], monitor_end[1];
static char last_error[128];
static struct machine machine;
static struct {
	_Alignas(8) u32 total;
	u32 reserved;
	u8 tags[8192];
} info;

void memory_init(const struct memmap *map) { (void)map; }

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(last_error, sizeof(last_error), fmt, args);
	va_end(args);
}

static void begin(void)
{
	memset(&info, 0xff, sizeof(info));
	info.total = 8;
	last_error[0] = 0;
}

/* A tag that says that it has @size bytes, with @used of them behind its head. */
static void add(u32 type, u32 size, const void *bytes, size_t used)
{
	const struct multiboot_tag tag = { type, size };
	u8 *to = (u8 *)&info + info.total;

	memcpy(to, &tag, sizeof(tag));
	memcpy(to + sizeof(tag), bytes, used);
	info.total += (u32)align_up(sizeof(tag) + used, 8);
}

static int read(void)
{
	machine = (struct machine){ .rsdp = RSDP_SEARCH_START };
	memmap_init(&machine.map);
	return read_multiboot2(&machine, (u64)&info);
}

static bool refused(u32 type, u32 size, const void *bytes, size_t used)
{
	begin();
	add(type, size, bytes, used);
	return read() == -E_INVAL && strstr(last_error, "is malformed");
}

struct module {
	u32 start, end;
	char text[8];
};

static void test_good(void)
{
	const struct module module = { 0x1000, 0x3000, "guest x" };
	const struct {
		u32 entry_size, version;
		struct multiboot_mmap_entry e[2];
	} map = { 24, 0, { { 0, 0x9fc00, 1, 0 }, { 0x100000, 0xf00000, 1, 0 } } };

	begin();
	add(MULTIBOOT_TAG_TYPE_CMDLINE, 8 + 6, "words", 6);
	add(MULTIBOOT_TAG_TYPE_MODULE, 8 + sizeof(module), &module, sizeof(module));
	add(MULTIBOOT_TAG_TYPE_MMAP, 8 + sizeof(map), &map, sizeof(map));
	add(MULTIBOOT_TAG_TYPE_ACPI_OLD, 8 + 20, "RSD PTR 0123456789ab", 20);
	add(MULTIBOOT_TAG_TYPE_END, 8, "", 0);
	add(MULTIBOOT_TAG_TYPE_CMDLINE, 0, "", 0); /* behind the end */
	assert(!read());
	assert(!strcmp(machine.cmdline, "words") && machine.module_count == 1);
	assert(!strcmp(machine.modules[0].name, "guest") && machine.modules[0].size == 0x2000);
	assert(machine.map.count == 2 && machine.rsdp_size == 20);
}

static void test_sizes(void)
{
	struct module module = { 0x3000, 0x1000, "guest x" };
	u32 map[8] = { 0 };

	for (u32 size = 0; size < 8; size++)
		assert(refused(MULTIBOOT_TAG_TYPE_CMDLINE, size, "words", 6));
	assert(refused(MULTIBOOT_TAG_TYPE_CMDLINE, 0xffffffff, "words", 6));
	assert(refused(MULTIBOOT_TAG_TYPE_CMDLINE, 8, "words", 6));
	assert(refused(MULTIBOOT_TAG_TYPE_CMDLINE, 8 + 5, "words", 6));
	assert(refused(MULTIBOOT_TAG_TYPE_MODULE, 8 + sizeof(module), &module, sizeof(module)));
	module.end = 0x4000;
	assert(refused(MULTIBOOT_TAG_TYPE_MODULE, 8 + 8, &module, sizeof(module)));
	assert(refused(MULTIBOOT_TAG_TYPE_MODULE, 8 + 8 + 7, &module, sizeof(module)));
	assert(refused(MULTIBOOT_TAG_TYPE_MMAP, 8 + sizeof(map), map, sizeof(map))); /* no step */
	map[0] = 23;
	assert(refused(MULTIBOOT_TAG_TYPE_MMAP, 8 + sizeof(map), map, sizeof(map)));
	for (map[0] = 25; map[0] < 32; map[0]++) /* entries that are not aligned */
		assert(refused(MULTIBOOT_TAG_TYPE_MMAP, 8 + sizeof(map), map, sizeof(map)));
	map[0] = 24;
	assert(refused(MULTIBOOT_TAG_TYPE_MMAP, 8 + 7, map, sizeof(map)));
	begin();
	add(MULTIBOOT_TAG_TYPE_MMAP, 8 + 8 + 20, map, sizeof(map)); /* not one whole entry */
	assert(!read() && !machine.map.count);
}

/* A map of nothing but a tag's head, and no byte of the loader's behind it. */
static void test_end(void)
{
	const struct multiboot_tag tag = { MULTIBOOT_TAG_TYPE_MMAP, sizeof(tag) };
	const u32 head[] = { 8 + sizeof(tag), 0 };
	u8 *exact = malloc(sizeof(head) + sizeof(tag));

	assert(exact);
	memcpy(exact, head, sizeof(head));
	memcpy(exact + sizeof(head), &tag, sizeof(tag));
	assert(read_multiboot2(&machine, (u64)exact) == -E_INVAL);
	free(exact);
}

static void test_cmdline(void)
{
	static char words[MACHINE_CMDLINE_SIZE + 1];

	memset(words, 'x', MACHINE_CMDLINE_SIZE);
	begin();
	add(MULTIBOOT_TAG_TYPE_CMDLINE, 8 + sizeof(words), words, sizeof(words));
	assert(read() == -E_2BIG && strstr(last_error, "longer than 2047 bytes"));
	words[MACHINE_CMDLINE_SIZE - 1] = 0;
	begin();
	add(MULTIBOOT_TAG_TYPE_CMDLINE, 8 + MACHINE_CMDLINE_SIZE, words, MACHINE_CMDLINE_SIZE);
	assert(!read() && strlen(machine.cmdline) == MACHINE_CMDLINE_SIZE - 1);
}

int main(void)
{
	test_good();
	test_sizes();
	test_end();
	test_cmdline();
	return 0;
}
