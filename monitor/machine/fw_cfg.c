/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See fw_cfg.h. Everything by DMA, whose control word and lengths are big-endian.
 */
#include "monitor/machine/fw_cfg.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/panic.h"
#include "lib/string.h"

#define FILE_MAX 128

static struct __packed {
	u32 count;
	struct fw_cfg_entry entries[FILE_MAX];
} directory;

static bool present(void)
{
	outw(PORT_FW_CFG_SELECTOR, FW_CFG_SIGNATURE);
	return inb(PORT_FW_CFG_DATA) == 'Q' && inb(PORT_FW_CFG_DATA) == 'E' &&
	       inb(PORT_FW_CFG_DATA) == 'M' && inb(PORT_FW_CFG_DATA) == 'U';
}

static void dma(u32 control, void *to, u32 size)
{
	volatile struct fw_cfg_dma access = {
		.control = __builtin_bswap32(control),
		.length = __builtin_bswap32(size),
		.address = __builtin_bswap64((u64)to),
	};

	outl(PORT_FW_CFG_DMA, __builtin_bswap32((u32)((u64)&access >> 32)));
	outl(PORT_FW_CFG_DMA + 4, __builtin_bswap32((u32)(u64)&access));
	while (__builtin_bswap32(access.control) & ~(u32)FW_CFG_DMA_ERROR)
		cpu_relax();
	if (access.control)
		panic("fw_cfg: %#x with %u bytes failed", control, size);
}

static void read_key(u16 key, void *to, u32 size)
{
	dma((u32)key << 16 | FW_CFG_DMA_SELECT | FW_CFG_DMA_READ, to, size);
}

void fw_cfg_next(void *to, u32 size) { dma(to ? FW_CFG_DMA_READ : FW_CFG_DMA_SKIP, to, size); }

/* The number of files. */
static u32 read_directory(void)
{
	u32 count;

	if (!present())
		return 0;
	read_key(FW_CFG_DIRECTORY, &directory, sizeof(directory));
	count = __builtin_bswap32(directory.count);
	return count < FILE_MAX ? count : FILE_MAX;
}

bool fw_cfg_find(const char *name, struct fw_cfg_file *file)
{
	u32 count = read_directory();

	for (u32 i = 0; i < count; i++) {
		const struct fw_cfg_entry *e = &directory.entries[i];

		if (strncmp(e->name, name, sizeof(e->name)))
			continue;
		file->selector = __builtin_bswap16(e->key);
		file->size = __builtin_bswap32(e->size);
		return true;
	}
	return false;
}

void fw_cfg_for_each(void (*function)(const struct fw_cfg_entry *entry))
{
	u32 count = read_directory();

	for (u32 i = 0; i < count; i++)
		function(&directory.entries[i]);
}

void fw_cfg_read(const struct fw_cfg_file *file, u32 offset, void *to, u32 size)
{
	dma((u32)file->selector << 16 | FW_CFG_DMA_SELECT | FW_CFG_DMA_SKIP, NULL, offset);
	dma(FW_CFG_DMA_READ, to, size);
}

unsigned int fw_cfg_cpu_count(void)
{
	u16 count;

	if (!present())
		return 1;
	read_key(FW_CFG_CPU_COUNT, &count, sizeof(count));
	return count; /* little-endian */
}
