/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our ROM is told: QEMU's fw_cfg, in few exits: an item is a selection and a string input, or
 * where there is none one DMA, to a page that is shared for it. The map is in etc/e820, the command
 * line, if any, in opt/postern/cmdline.
 * Spec: QEMU-FW-CFG. Does not: the firmware's tables; a guest without firmware has none.
 */
#include "abi/firmware.h"
#include "early/boot_parse.h"
#include "lib/addr.h"
#include "lib/compiler.h"
#include "lib/string.h"

#define SOURCE "fw_cfg"

#define FILES_MAX 256
#define GO_ON     (-1) /* in place of a key: behind what was read last */
#define ROOM      (PAGE_SIZE - sizeof(struct fw_cfg_dma))

struct file {
	bool found;
	u16 key;
	u32 size;
};

/* Records that are read at once. */
#define BATCH 16

struct directory_start {
	u32 count;
	struct fw_cfg_entry entries[BATCH];
};
_Static_assert(sizeof(struct directory_start) <= ROOM && BOOT_CMDLINE_MAX <= ROOM, "one DMA");

/*
 * The host may write the page at any time: it is read once. The address is complete with its low
 * half, and its high one is 0 unless it is written.
 */
static int read_by_dma(const struct boot_ports *ports, int key, void *to, size_t size)
{
	u32 select = key == GO_ON ? 0 : (u32)key << 16 | FW_CFG_DMA_SELECT;
	struct fw_cfg_dma *dma = ports->shared;
	u64 address = pa_of(dma).value;

	WRITE_ONCE(dma->length, __builtin_bswap32((u32)size));
	WRITE_ONCE(dma->address, __builtin_bswap64(address + sizeof(*dma)));
	WRITE_ONCE(dma->control, __builtin_bswap32(FW_CFG_DMA_READ | select));
	if (address >> 32)
		ports->out(PORT_FW_CFG_DMA, 4, __builtin_bswap32((u32)(address >> 32)));
	ports->out(PORT_FW_CFG_DMA + 4, 4,
		   __builtin_bswap32((u32)address)); /* done when it returns */
	if (READ_ONCE(dma->control))
		return -E_IO;
	memcpy(to, dma + 1, size);
	return 0;
}

/* At most ROOM bytes of item @key; behind its end they are 0. */
static int read_item(const struct boot_ports *ports, int key, void *to, size_t size,
		     struct boot_error *error)
{
	if (ports->shared)
		return read_by_dma(ports, key, to, size)
			       ? boot_refuse(error, SOURCE " DMA: the host did not do it")
			       : 0;
	if (key != GO_ON)
		ports->out(PORT_FW_CFG_SELECTOR, 2, (u16)key);
	ports->in(PORT_FW_CFG_DATA, to, size);
	return 0;
}

static int check_signature(const struct boot_ports *ports, struct boot_error *error)
{
	char signature[4];
	int err = read_item(ports, FW_CFG_SIGNATURE, signature, sizeof(signature), error);

	if (err || !memcmp(signature, "QEMU", sizeof(signature)))
		return err;
	return boot_refuse(error, SOURCE " signature: there is none");
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
	struct directory_start part;
	int err = read_item(ports, FW_CFG_DIRECTORY, &part, sizeof(part), error);
	u32 count;

	if (err)
		return err;
	count = __builtin_bswap32(part.count);
	if (count > FILES_MAX)
		return boot_refuse(error, SOURCE " directory: %u files are more than %d", count,
				   FILES_MAX);
	for (u32 i = 0; i < count && !(map->found && cmdline->found); i++) {
		if (i && !(i % BATCH))
			err = read_item(ports, GO_ON, part.entries, sizeof(part.entries), error);
		if (err)
			return err;
		match(&part.entries[i % BATCH], "etc/e820", map);
		match(&part.entries[i % BATCH], "opt/postern/cmdline", cmdline);
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
	for (u32 read = 0; read < count; read += BATCH) {
		u32 now = count - read < BATCH ? count - read : BATCH;
		int err = read_item(ports, read ? GO_ON : file->key, entries,
				    now * sizeof(entries[0]), error);

		for (u32 i = 0; i < now && !err; i++)
			err = add_entry(map, read + i, &entries[i], error);
		if (err)
			return err;
	}
	return 0;
}

int boot_fw_cfg_parse(const struct boot_ports *ports, bool need_map, struct boot_info *info,
		      struct memory_map *map, struct boot_error *error)
{
	struct file e820 = { 0 }, cmdline = { 0 };
	u16 cpus = 0;
	int err = check_signature(ports, error);

	info->loader = "rom";
	if (!err)
		err = find_files(ports, &e820, &cmdline, error);
	if (err)
		return err;
	if (cmdline.size >= BOOT_CMDLINE_MAX)
		return boot_refuse(error, SOURCE " opt/postern/cmdline: %u bytes, not below %d",
				   cmdline.size, BOOT_CMDLINE_MAX);
	if (cmdline.size)
		err = read_item(ports, cmdline.key, info->cmdline, cmdline.size, error);
	if (!err)
		err = read_item(ports, FW_CFG_CPU_COUNT, &cpus, sizeof(cpus), error);
	if (err)
		return err;
	info->cpu_count = cpus;
	return need_map ? read_map(ports, &e820, map, error) : 0;
}
