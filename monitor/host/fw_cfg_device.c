/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See fw_cfg_device.h.
 */
#include "monitor/host/fw_cfg_device.h"

#include "lib/compiler.h"
#include "lib/string.h"

/* Ours, where the machine has no files: it numbers them from 0x20 on. */
#define KEY_MAP     0x3f0
#define KEY_CMDLINE 0x3f1

/* The hole of a PC's first megabyte, which QEMU's table of RAM does not have. */
#define HOLE_START 0xa0000
#define HOLE_END   0x100000

static const char own_prefix[] = "opt/postern/";
static const char map_name[] = "etc/e820";

static void append(struct fw_cfg_device *d, const struct fw_cfg_entry *entry)
{
	u32 count = __builtin_bswap32(d->directory.count);

	d->directory.files[count] = *entry;
	d->directory.count = __builtin_bswap32(count + 1);
	d->directory_size += sizeof(*entry);
}

static void append_own(struct fw_cfg_device *d, const char *name, u16 key, u32 size)
{
	struct fw_cfg_entry entry = {
		.size = __builtin_bswap32(size),
		.key = __builtin_bswap16(key),
	};

	memcpy(entry.name, name, strlen(name));
	append(d, &entry);
}

/* Below 4 GiB to its end, whatever is reserved in between, and what is above. */
static u64 ram_size(const struct fw_cfg_device *d, u32 count)
{
	u64 low = 0, high = 0;

	for (u32 i = 0; i < count; i++) {
		const struct fw_cfg_e820_entry *e = &d->map[i];

		if (e->type == HVM_MEMMAP_RAM && e->addr < BIT(32))
			low = e->addr + e->size;
		else if (e->type == HVM_MEMMAP_RAM)
			high += e->size;
	}
	return low + high;
}

/*
 * Firmware takes low memory from the first entry: one piece from 0 on, as QEMU has it. Only where
 * the map says nothing of the hole.
 */
static void put_map(struct fw_cfg_device *d, const struct memmap *map)
{
	u32 count = 0;

	for (unsigned int i = 0; i < map->count; i++) {
		const struct hvm_memmap_entry *e = &map->entries[i];
		struct fw_cfg_e820_entry *last = count ? &d->map[count - 1] : NULL;

		if (last && e->addr == HOLE_END && last->addr + last->size == HOLE_START &&
		    e->type == HVM_MEMMAP_RAM && last->type == HVM_MEMMAP_RAM)
			last->size = e->addr + e->size - last->addr;
		else
			d->map[count++] = (struct fw_cfg_e820_entry){ e->addr, e->size, e->type };
	}
	d->map_size = count * (u32)sizeof(d->map[0]);
	d->ram_size = ram_size(d, count);
}

void fw_cfg_device_init(struct fw_cfg_device *d, const struct memmap *map, const char *cmdline,
			unsigned int cpu_count)
{
	memset(d, 0, sizeof(*d));
	put_map(d, map);
	d->cpu_count = (u16)cpu_count;
	d->cmdline = cmdline;
	d->cmdline_size = (u32)strlen(cmdline);
	d->cmdline_room = d->cmdline_size + 1;
	d->directory_size = sizeof(d->directory.count);
	append_own(d, map_name, KEY_MAP, d->map_size);
	append_own(d, "opt/postern/cmdline", KEY_CMDLINE, d->cmdline_size);
}

void fw_cfg_device_set_kernel(struct fw_cfg_device *d, const struct fw_cfg_kernel *kernel)
{
	d->kernel = *kernel;
	d->kernel_size = kernel->size - kernel->setup_size;
}

void fw_cfg_device_add(struct fw_cfg_device *d, const struct fw_cfg_entry *entry)
{
	if (__builtin_bswap32(d->directory.count) == FW_CFG_DEVICE_FILES ||
	    !memcmp(entry->name, own_prefix, sizeof(own_prefix) - 1) ||
	    !memcmp(entry->name, map_name, sizeof(map_name)))
		return;
	append(d, entry);
}

void fw_cfg_device_select(struct fw_cfg_device *d, u16 key)
{
	d->key = key;
	d->at = 0;
}

static bool is_of_kernel(const struct fw_cfg_device *d)
{
	return d->kernel.size && (d->key == FW_CFG_KERNEL_DATA || d->key == FW_CFG_SETUP_DATA ||
				  (d->key == FW_CFG_INITRD_DATA && d->kernel.initrd_size));
}

u16 fw_cfg_device_machine_key(const struct fw_cfg_device *d, u32 *offset)
{
	*offset = d->key == FW_CFG_KERNEL_DATA ? d->kernel.setup_size : 0;
	if (!is_of_kernel(d))
		return d->key;
	return d->key == FW_CFG_INITRD_DATA ? d->kernel.initrd_key : d->kernel.kernel_key;
}

/* Of QEMU's items that are no files: what says the same of any guest on the machine. */
static bool is_of_machine(u16 key)
{
	switch (key) {
	case FW_CFG_UUID:
	case FW_CFG_NOGRAPHIC:
	case FW_CFG_NUMA:
	case FW_CFG_BOOT_MENU:
	case FW_CFG_ACPI_TABLES:
	case FW_CFG_SMBIOS_ENTRIES:
	case FW_CFG_IRQ0_OVERRIDE:
	case FW_CFG_HPET: return true;
	default: return false;
	}
}

bool fw_cfg_device_is_machine(const struct fw_cfg_device *d)
{
	u16 key = __builtin_bswap16(d->key);

	if (is_of_kernel(d) || is_of_machine(d->key))
		return true;
	for (u32 i = 2; i < __builtin_bswap32(d->directory.count); i++)
		if (d->directory.files[i].key == key)
			return true;
	return false;
}

static const void *item_of_kernel(const struct fw_cfg_device *d, u32 *size)
{
	*size = sizeof(u32);
	switch (d->kernel.size ? d->key : 0) {
	case FW_CFG_KERNEL_SIZE: return &d->kernel_size;
	case FW_CFG_SETUP_SIZE: return &d->kernel.setup_size;
	case FW_CFG_INITRD_SIZE: return &d->kernel.initrd_size;
	case FW_CFG_CMDLINE_SIZE: return &d->cmdline_room;
	case FW_CFG_CMDLINE_DATA: *size = d->cmdline_room; return d->cmdline;
	default: *size = 0; return NULL;
	}
}

/* Of the items that are no files a guest gets few: the machine's own kernel is the monitor. */
static const void *item(const struct fw_cfg_device *d, u32 *size)
{
	static const u32 interface = FW_CFG_INTERFACE_PORTS | FW_CFG_INTERFACE_DMA;

	switch (d->key) {
	case FW_CFG_SIGNATURE: *size = 4; return "QEMU";
	case FW_CFG_INTERFACE: *size = sizeof(interface); return &interface;
	case FW_CFG_RAM_SIZE: *size = sizeof(d->ram_size); return &d->ram_size;
	case FW_CFG_CPU_COUNT:
	case FW_CFG_CPU_MAX: *size = sizeof(d->cpu_count); return &d->cpu_count;
	case FW_CFG_DIRECTORY: *size = d->directory_size; return &d->directory;
	case KEY_MAP: *size = d->map_size; return d->map;
	case KEY_CMDLINE: *size = d->cmdline_size; return d->cmdline;
	default: return item_of_kernel(d, size);
	}
}

void fw_cfg_device_read(struct fw_cfg_device *d, u8 *to, u32 count)
{
	u32 size, there;
	const u8 *bytes = item(d, &size);

	there = d->at < size ? size - d->at : 0;
	if (there > count)
		there = count;
	if (there)
		memcpy(to, bytes + d->at, there);
	memset(to + there, 0, count - there);
	d->at += there;
}

u8 fw_cfg_device_next(struct fw_cfg_device *d)
{
	u8 byte;

	fw_cfg_device_read(d, &byte, 1);
	return byte;
}

void fw_cfg_device_skip(struct fw_cfg_device *d, u32 count)
{
	d->at = count > UINT32_MAX - d->at ? UINT32_MAX : d->at + count;
}
