/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that QEMU offers by its firmware configuration device.
 * Spec: QEMU docs/specs/fw_cfg.
 */
#pragma once

#include "abi/firmware.h"

struct fw_cfg_file {
	u16 selector;
	u32 size;
};

/* Whether there is such a file (false also where there is no such device). */
bool fw_cfg_find(const char *name, struct fw_cfg_file *file);
/* Each file of the directory, as it is there. */
void fw_cfg_for_each(void (*function)(const struct fw_cfg_entry *entry));
/* Reads @size bytes of it by DMA, which lie inside of it. */
void fw_cfg_read(const struct fw_cfg_file *file, u32 offset, void *to, u32 size);
/* The next bytes of the item that is selected, to @to or, if that is NULL, past them. */
void fw_cfg_next(void *to, u32 size);
/* Processors of the machine; 1 without the device. */
unsigned int fw_cfg_cpu_count(void);
