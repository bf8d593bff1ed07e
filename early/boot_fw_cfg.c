/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our ROM is told: QEMU's fw_cfg, in few exits: by string input, or where there is none by
 * fw_cfg's DMA to a page that is shared for it. The map is in etc/e820, the command line, if any,
 * in opt/postern/cmdline.
 * Spec: QEMU-FW-CFG. Does not: the firmware's tables; a guest without firmware has none.
 */
#include "abi/firmware.h"
#include "early/boot_parse.h"
#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/string.h"

#define SOURCE "fw_cfg"

#define FILES_MAX 256

struct file {
	bool found;
	u16 key;
	u32 size;
};

/* Records that are read at once. */
#define BATCH 16

static void read_bytes(const struct boot_ports *ports, void *to, size_t size)
{
	ports->in(PORT_FW_CFG_DATA, to, size);
}

/* A part of the item that is selected. The host may write the page at any time: it is read once. */
static int read_by_dma(const struct boot_ports *ports, void *to, size_t size)
{
	struct fw_cfg_dma *dma = ports->shared;
	u64 address = pa_of(dma).value;

	WRITE_ONCE(dma->length, __builtin_bswap32((u32)size));
	WRITE_ONCE(dma->address, __builtin_bswap64(address + sizeof(*dma)));
	WRITE_ONCE(dma->control, __builtin_bswap32(FW_CFG_DMA_READ));
	ports->out(PORT_FW_CFG_DMA, 4, __builtin_bswap32((u32)(address >> 32)));
	ports->out(PORT_FW_CFG_DMA + 4, 4,
		   __builtin_bswap32((u32)address)); /* done when it returns */
	if (READ_ONCE(dma->control))
		return -E_IO;
	memcpy(to, dma + 1, size);
	return 0;
}

static int read_many(const struct boot_ports *ports, void *to, size_t size,
		     struct boot_error *error)
{
	const size_t most = PAGE_SIZE - sizeof(struct fw_cfg_dma);

	if (!ports->shared) {
		read_bytes(ports, to, size);
		return 0;
	}
	for (u8 *p = to; size;) {
		size_t now = size < most ? size : most;

		if (read_by_dma(ports, p, now))
			return boot_refuse(error, SOURCE " DMA: the host did not do it");
		p += now;
		size -= now;
	}
	return 0;
}

static u32 batch(u32 left) { return left < BATCH ? left : BATCH; }

static void select_key(const struct boot_ports *ports, u16 key)
{
	ports->out(PORT_FW_CFG_SELECTOR, 2, key);
}

static bool is_there(const struct boot_ports *ports)
{
	char signature[4];

	select_key(ports, FW_CFG_SIGNATURE);
	read_bytes(ports, signature, sizeof(signature));
	return !memcmp(signature, "QEMU", sizeof(signature));
}

u32 boot_fw_cfg_cpu_count(const struct boot_ports *ports)
{
	u16 count;

	if (!is_there(ports))
		return 0;
	select_key(ports, FW_CFG_CPU_COUNT);
	read_bytes(ports, &count, sizeof(count));
	return count;
}

static void match(const struct fw_cfg_entry *entry, const char *name, struct file *file)
{
	if (file->found || strncmp(entry->name, name, sizeof(entry->name)))
		return;
	file->found = true;
	file->key = __builtin_bswap16(entry->key);
	file->size = __builtin_bswap32(entry->size);
}

static int find_files(const struct boot_ports *ports, struct file *map, struct file *cmdline,
		      struct boot_error *error)
{
	u32 count;

	if (!is_there(ports))
		return boot_refuse(error, SOURCE " signature: there is none");
	select_key(ports, FW_CFG_DIRECTORY);
	read_bytes(ports, &count, sizeof(count));
	count = __builtin_bswap32(count);
	if (count > FILES_MAX)
		return boot_refuse(error, SOURCE " directory: %u files are more than %d", count,
				   FILES_MAX);
	for (u32 read = 0; read < count && !(map->found && cmdline->found);) {
		struct fw_cfg_entry entries[BATCH];
		u32 now = batch(count - read);

		int err = read_many(ports, entries, now * sizeof(entries[0]), error);

		if (err)
			return err;
		for (u32 i = 0; i < now; i++) {
			match(&entries[i], "etc/e820", map);
			match(&entries[i], "opt/postern/cmdline", cmdline);
		}
		read += now;
	}
	return 0;
}

static int add_entry(struct memory_map *map, u32 index, const struct fw_cfg_e820_entry *entry,
		     struct boot_error *error)
{
	const struct memory_range range = { .start = entry->addr,
					    .size = entry->size,
					    .type = boot_e820_type(entry->type),
					    .giver = SOURCE " etc/e820" };

	if (range.type == MEMORY_RAM)
		return boot_range_add_ram(map, index, range, error);
	return boot_range_add(map, index, range, error);
}

static int read_map(const struct boot_ports *ports, const struct file *file, struct memory_map *map,
		    struct boot_error *error)
{
	struct fw_cfg_e820_entry entries[BATCH];
	u32 count = file->size / sizeof(entries[0]);

	if (!file->found)
		return boot_refuse(error, SOURCE " etc/e820: there is none");
	if (!count || file->size % sizeof(entries[0]) || count > MEMORY_RANGES_MAX)
		return boot_refuse(error, SOURCE " etc/e820: size %u", file->size);
	select_key(ports, file->key);
	for (u32 read = 0; read < count;) {
		u32 now = batch(count - read);
		int err = read_many(ports, entries, now * sizeof(entries[0]), error);

		for (u32 i = 0; i < now && !err; i++)
			err = add_entry(map, read + i, &entries[i], error);
		if (err)
			return err;
		read += now;
	}
	return 0;
}

int boot_fw_cfg_parse(const struct boot_ports *ports, bool need_map, struct boot_info *info,
		      struct memory_map *map, struct boot_error *error)
{
	struct file e820 = { 0 }, cmdline = { 0 };
	int err = find_files(ports, &e820, &cmdline, error);

	info->loader = "rom";
	if (err)
		return err;
	if (cmdline.size >= BOOT_CMDLINE_MAX)
		return boot_refuse(error, SOURCE " opt/postern/cmdline: %u bytes, not below %d",
				   cmdline.size, BOOT_CMDLINE_MAX);
	if (cmdline.found) {
		select_key(ports, cmdline.key);
		err = read_many(ports, info->cmdline, cmdline.size, error);
		if (err)
			return err;
	}
	return need_map ? read_map(ports, &e820, map, error) : 0;
}
