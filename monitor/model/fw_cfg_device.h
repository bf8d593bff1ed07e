/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fw_cfg of a guest that is started by firmware: its memory map, which is not the machine's,
 * its command line and the number of its processors. By ports only.
 * Spec: QEMU-FW-CFG.
 */
#pragma once

#include "abi/firmware.h"
#include "monitor/model/memmap.h"

#define FW_CFG_DEVICE_FILES 2

struct fw_cfg_device {
	struct {
		u32 count;
		struct fw_cfg_entry files[FW_CFG_DEVICE_FILES];
	} directory;
	struct fw_cfg_e820_entry map[MEMMAP_MAX];
	const char *cmdline;
	u32 map_size, cmdline_size;
	u16 cpu_count;
	u32 key;
	u32 at;
};

/* @cmdline must live on. */
void fw_cfg_device_init(struct fw_cfg_device *device, const struct memmap *map, const char *cmdline,
			unsigned int cpu_count);

u32 fw_cfg_device_in(struct fw_cfg_device *device, u16 port, unsigned int size);
void fw_cfg_device_out(struct fw_cfg_device *device, u16 port, unsigned int size, u32 value);
