/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fw_cfg as the ROM's guest reads it: good data is understood, the PC's hole is cut out of RAM, and
 * each thing that can be wrong is refused by name.
 * RUN: %unit-cc %s -o %t
 */
#include "early/boot_fw_cfg.c"

#include "Inputs/boot.h"

#define KEY_FILES 0x20
#define FILES     3

static struct {
	char name[56];
	u8 data[0x1000];
	u32 size;
} files[FILES];

static char signature[5];
static u32 file_count, selected, at;

static u8 directory_byte(u32 offset)
{
	u32 count = __builtin_bswap32(file_count);
	struct fw_cfg_entry entry = { 0 };
	u32 i = (offset - 4) / sizeof(entry);

	if (offset < 4)
		return ((u8 *)&count)[offset];
	if (i >= FILES)
		return 0;
	entry.size = __builtin_bswap32(files[i].size);
	entry.key = __builtin_bswap16((u16)(KEY_FILES + i));
	memcpy(entry.name, files[i].name, sizeof(entry.name));
	return ((u8 *)&entry)[(offset - 4) % sizeof(entry)];
}

static u8 next_byte(void)
{
	u32 offset = at++;

	if (selected == 0)
		return (u8)signature[offset % 4];
	if (selected == 0x19)
		return directory_byte(offset);
	if (selected == 5)
		return offset ? 0 : 6; /* processors */
	assert(selected - KEY_FILES < FILES && offset < files[selected - KEY_FILES].size);
	return files[selected - KEY_FILES].data[offset];
}

static void port_in(u16 port, void *data, size_t count)
{
	assert(port == 0x511);
	for (u8 *to = data; count; count--)
		*to++ = next_byte();
}

static unsigned int exits; /* by DMA */

static void select_item(u32 key)
{
	selected = key;
	at = 0;
}

static __aligned_page u8 shared[PAGE_SIZE];
static u32 dma_high;
static enum { DMA_DONE, DMA_ABSENT, DMA_ERROR } dma_host;

static void do_dma(u64 address)
{
	struct fw_cfg_dma *dma = (void *)shared;
	u8 *to = (u8 *)(uintptr_t)__builtin_bswap64(dma->address);
	u32 length = __builtin_bswap32(dma->length), control = __builtin_bswap32(dma->control);

	assert(address == (uintptr_t)shared);
	assert((control & 0xffff & ~FW_CFG_DMA_SELECT) == FW_CFG_DMA_READ);
	if (control & FW_CFG_DMA_SELECT)
		select_item(control >> 16);
	exits++;
	assert(to >= (u8 *)(dma + 1) && to + length <= shared + sizeof(shared));
	if (dma_host == DMA_ABSENT)
		return;
	while (length--)
		*to++ = next_byte();
	dma->control = dma_host == DMA_ERROR ? __builtin_bswap32(FW_CFG_DMA_ERROR) : 0;
}

static void port_out(u16 port, unsigned int size, u32 value)
{
	switch (port) {
	case 0x510:
		assert(size == 2);
		select_item(value);
		return;
	case 0x514:
		assert(size == 4);
		dma_high = __builtin_bswap32(value);
		return;
	default:
		assert(port == 0x518 && size == 4);
		do_dma((u64)dma_high << 32 | __builtin_bswap32(value));
	}
}

static void *shared_page;

static int parse(void)
{
	const struct boot_ports ports = { port_in, port_out, shared_page };

	return boot_fw_cfg_parse(&ports, true, &info, &given, &error);
}

static void set_entry(u32 index, u64 start, u64 size, u32 type)
{
	struct fw_cfg_e820_entry entry = { start, size, type };

	memcpy(files[1].data + index * sizeof(entry), &entry, sizeof(entry));
	files[1].size = (index + 1) * sizeof(entry);
}

static void good(void)
{
	reset_info();
	memset(files, 0, sizeof(files));
	strcpy(signature, "QEMU");
	file_count = FILES;
	strcpy(files[0].name, "etc/e820x");
	strcpy(files[1].name, "etc/e820");
	set_entry(0, 0xfeffc000, 0x4000, 2);
	set_entry(1, 0, 0x10000000, 1);
	set_entry(2, BIT(32), 0x1000, 1);
	strcpy(files[2].name, "opt/postern/cmdline");
	files[2].size = 8;
	memcpy(files[2].data, "-- hello", 8);
}

static void test_good(void)
{
	good();
	expect(parse(), NULL);
	assert(!strcmp(info.loader, "rom") && !strcmp(info.cmdline, "-- hello") && !info.rsdp);
	assert(info.cpu_count == 6);
	assert(given.count == 4);
	assert(given.ranges[0].size == 0xa0000 && given.ranges[1].start == 0x100000);
	assert(given.ranges[1].size == 0xff00000 && given.ranges[3].start == BIT(32));
	good();
	file_count = 2;
	expect(parse(), NULL);
	assert(!info.cmdline[0]);
}

static void test_hole(void)
{
	good();
	set_entry(0, 0x1000, 0xa0000, 1);
	set_entry(1, 0xc0000, 0x1000, 1);
	set_entry(2, 0xd0000, 0x40000, 1);
	expect(parse(), NULL);
	assert(given.count == 2 && given.ranges[0].size == 0x9f000);
	assert(given.ranges[1].start == 0x100000 && given.ranges[1].size == 0x10000);
}

#define REFUSED(change, sentence)                                                                  \
	do {                                                                                       \
		good();                                                                            \
		change;                                                                            \
		expect(parse(), sentence);                                                         \
	} while (0)

/* By string input, or by DMA. */
static void test_both(void)
{
	test_good();
	test_hole();
	REFUSED(signature[3] = 0, "fw_cfg signature: there is none");
	REFUSED(file_count = 257, "fw_cfg directory: 257 files are more than 256");
	REFUSED(files[1].name[0] = 0, "fw_cfg etc/e820: there is none");
	REFUSED(files[1].size = 0, "fw_cfg etc/e820: size 0");
	REFUSED(files[1].size = 59, "fw_cfg etc/e820: size 59");
	REFUSED(files[1].size = 129 * 20, "fw_cfg etc/e820: size 2580");
	REFUSED(files[2].size = 1024, "fw_cfg opt/postern/cmdline: 1024 bytes, not below 1024");
	REFUSED(set_entry(2, ~U64_C(0xfff), 0x2000, 1),
		"fw_cfg etc/e820: entry 2 wraps: 0xfffffffffffff000 + 0x2000");
	REFUSED(set_entry(2, 0x200000, 0x1000, 2),
		"fw_cfg etc/e820: entry 2, 0x200000 + 0x1000, overlaps another");
}

/* More than a page has room for. */
static void test_large(void)
{
	good();
	for (u32 i = 0; i < 128; i++)
		set_entry(i, 0x100000 + i * 0x2000, 0x1000, 1);
	expect(parse(), NULL);
	assert(given.count == 128 && given.ranges[127].start == 0x1fe000);
}

int main(void)
{
	test_both();
	test_large();
	shared_page = shared;
	good();
	expect(parse(), NULL);
	assert(exits == 5); /* one an item */
	test_both();
	test_large();
	dma_host = DMA_ABSENT;
	REFUSED(, "fw_cfg DMA: the host did not do it");
	dma_host = DMA_ERROR;
	REFUSED(, "fw_cfg DMA: the host did not do it");
	return failures != 0;
}
