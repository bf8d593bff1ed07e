/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See fw_cfg_device.h.
 */
#include "monitor/model/fw_cfg_device.h"

#include "lib/string.h"

#define KEY_MAP     0x20
#define KEY_CMDLINE 0x21

static void set_file(struct fw_cfg_entry *entry, const char *name, u16 key, u32 size)
{
	*entry = (struct fw_cfg_entry){
		.size = __builtin_bswap32(size),
		.key = __builtin_bswap16(key),
	};
	memcpy(entry->name, name, strlen(name));
}

void fw_cfg_device_init(struct fw_cfg_device *d, const struct memmap *map, const char *cmdline,
			unsigned int cpu_count)
{
	memset(d, 0, sizeof(*d));
	for (unsigned int i = 0; i < map->count; i++)
		d->map[i] = (struct fw_cfg_e820_entry){ map->entries[i].addr, map->entries[i].size,
							map->entries[i].type };
	d->map_size = map->count * (u32)sizeof(d->map[0]);
	d->cpu_count = (u16)cpu_count;
	d->cmdline = cmdline;
	d->cmdline_size = (u32)strlen(cmdline);
	d->directory.count = __builtin_bswap32(FW_CFG_DEVICE_FILES);
	set_file(&d->directory.files[0], "etc/e820", KEY_MAP, d->map_size);
	set_file(&d->directory.files[1], "opt/postern/cmdline", KEY_CMDLINE, d->cmdline_size);
}

static const void *item(const struct fw_cfg_device *d, u32 *size)
{
	switch (d->key) {
	case FW_CFG_SIGNATURE: *size = 4; return "QEMU";
	case FW_CFG_CPU_COUNT: *size = sizeof(d->cpu_count); return &d->cpu_count;
	case FW_CFG_DIRECTORY: *size = sizeof(d->directory); return &d->directory;
	case KEY_MAP: *size = d->map_size; return d->map;
	case KEY_CMDLINE: *size = d->cmdline_size; return d->cmdline;
	default: *size = 0; return NULL;
	}
}

/* Behind an item's end there are zeroes. */
u32 fw_cfg_device_in(struct fw_cfg_device *d, u16 port, unsigned int size)
{
	u32 item_size;
	const u8 *bytes = item(d, &item_size);

	if (port != PORT_FW_CFG_DATA || size != 1 || d->at >= item_size)
		return 0;
	return bytes[d->at++];
}

void fw_cfg_device_out(struct fw_cfg_device *d, u16 port, unsigned int size, u32 value)
{
	if (port != PORT_FW_CFG_SELECTOR || size != 2)
		return;
	d->key = value;
	d->at = 0;
}
