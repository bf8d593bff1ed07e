/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fw_cfg of a guest that is started by firmware: the machine's own, but for the memory map and
 * the number of processors, which are the guest's, its command line, and what is the monitor's.
 * Spec: QEMU-FW-CFG.
 */
#pragma once

#include "abi/firmware.h"
#include "model/memmap.h"

#define FW_CFG_DEVICE_FILES 130

/* A kernel for the firmware to start, by the machine's files. */
struct fw_cfg_kernel {
	u16 kernel_key, initrd_key;
	u32 size;        /* of its file; 0: there is none */
	u32 setup_size;  /* of it, what a bzImage has in front */
	u32 initrd_size; /* 0: none */
};

struct fw_cfg_device {
	struct __packed {
		u32 count;
		struct fw_cfg_entry files[FW_CFG_DEVICE_FILES];
	} directory;
	struct fw_cfg_e820_entry map[MEMMAP_MAX];
	const char *cmdline;
	struct fw_cfg_kernel kernel;
	u64 ram_size; /* of the map */
	u32 kernel_size, directory_size, map_size, cmdline_size, cmdline_room;
	u16 cpu_count;
	u16 key;
	u32 at;
};

/* @cmdline must live on. The machine's files are added behind the two that every guest has. */
void fw_cfg_device_init(struct fw_cfg_device *device, const struct memmap *map, const char *cmdline,
			unsigned int cpu_count);
/* The guest has a kernel to start, with its command line. */
void fw_cfg_device_set_kernel(struct fw_cfg_device *device, const struct fw_cfg_kernel *kernel);
/* The machine's file @entry; left out if it is the monitor's, or one too many. */
void fw_cfg_device_add(struct fw_cfg_device *device, const struct fw_cfg_entry *entry);

/* Starts at the first byte of item @key. */
void fw_cfg_device_select(struct fw_cfg_device *device, u16 key);
/* Whether the selected item is the machine's: its bytes are to be had there... */
bool fw_cfg_device_is_machine(const struct fw_cfg_device *device);
/* ... in the item with this key, behind @offset bytes. */
u16 fw_cfg_device_machine_key(const struct fw_cfg_device *device, u32 *offset);
/* The next @count bytes of an item that is not; behind its end there are zeroes. */
void fw_cfg_device_read(struct fw_cfg_device *device, u8 *to, u32 count);
/* The next one. */
u8 fw_cfg_device_next(struct fw_cfg_device *device);
/* Past the next @count bytes. */
void fw_cfg_device_skip(struct fw_cfg_device *device, u32 count);
