/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See fw_cfg.h. Everything by DMA, whose control word and lengths are big-endian.
 */
#include "monitor/host/fw_cfg.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/panic.h"
#include "lib/string.h"

#define PORT_SELECTOR 0x510
#define PORT_DATA     0x511
#define PORT_DMA_HIGH 0x514
#define PORT_DMA_LOW  0x518

#define KEY_SIGNATURE 0x00
#define KEY_CPU_COUNT 0x05
#define KEY_DIRECTORY 0x19

#define DMA_ERROR  0x01
#define DMA_READ   0x02
#define DMA_SELECT 0x08

#define FILE_MAX 128

struct dma_access {
	u32 control;
	u32 length;
	u64 address;
};

struct directory_entry {
	u32 size;
	u16 selector;
	u16 reserved;
	char name[56];
};
ABI_SIZE(struct directory_entry, 64);

static bool present(void)
{
	outw(PORT_SELECTOR, KEY_SIGNATURE);
	return inb(PORT_DATA) == 'Q' && inb(PORT_DATA) == 'E' && inb(PORT_DATA) == 'M' &&
	       inb(PORT_DATA) == 'U';
}

static void read_key(u16 key, void *to, u32 size)
{
	volatile struct dma_access access = {
		.control = __builtin_bswap32((u32)key << 16 | DMA_SELECT | DMA_READ),
		.length = __builtin_bswap32(size),
		.address = __builtin_bswap64((u64)to),
	};

	outl(PORT_DMA_HIGH, __builtin_bswap32((u32)((u64)&access >> 32)));
	outl(PORT_DMA_LOW, __builtin_bswap32((u32)(u64)&access));
	while (__builtin_bswap32(access.control) & ~(u32)DMA_ERROR)
		cpu_relax();
	if (access.control)
		panic("fw_cfg: reading key %#x failed", key);
}

bool fw_cfg_find(const char *name, struct fw_cfg_file *file)
{
	static struct {
		u32 count;
		struct directory_entry entries[FILE_MAX];
	} __packed directory;
	u32 count;

	if (!present())
		return false;
	read_key(KEY_DIRECTORY, &directory, sizeof(directory));
	count = __builtin_bswap32(directory.count);
	for (u32 i = 0; i < count && i < FILE_MAX; i++) {
		const struct directory_entry *e = &directory.entries[i];

		if (strncmp(e->name, name, sizeof(e->name)))
			continue;
		file->selector = __builtin_bswap16(e->selector);
		file->size = __builtin_bswap32(e->size);
		return true;
	}
	return false;
}

void fw_cfg_read(const struct fw_cfg_file *file, void *to)
{
	read_key(file->selector, to, file->size);
}

unsigned int fw_cfg_cpu_count(void)
{
	u16 count;

	if (!present())
		return 1;
	read_key(KEY_CPU_COUNT, &count, sizeof(count));
	return count; /* little-endian */
}
