/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the monitor's fw_cfg tells is what our guest, started by its own ROM, reads.
 * RUN: %monitor-cc %s -o %t
 */
#include "early/boot_fw_cfg.c"

#include "../unit/Inputs/boot.h"

#include "monitor/model/fw_cfg_device.h"

static struct fw_cfg_device device;

static u32 port_in(u16 port, unsigned int size) { return fw_cfg_device_in(&device, port, size); }

static void port_out(u16 port, unsigned int size, u32 value)
{
	fw_cfg_device_out(&device, port, size, value);
}

int main(void)
{
	const struct boot_ports ports = { port_in, port_out };
	struct memmap map;

	memmap_init(&map);
	assert(!memmap_set(&map, 0, 0x9fc00, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, 0x9fc00, 0x400, HVM_MEMMAP_RESERVED));
	assert(!memmap_set(&map, 0x100000, 0x7ee0000, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, 0x7fe0000, 0x20000, HVM_MEMMAP_ACPI));
	assert(!memmap_set(&map, 0x1000000, 0x345000, HVM_MEMMAP_RESERVED));
	reset_info();
	fw_cfg_device_init(&device, &map, "json -- hello", 3);
	expect(boot_fw_cfg_parse(&ports, true, &info, &error), NULL);
	assert(!strcmp(info.cmdline, "json -- hello") && info.range_count == map.count);
	for (u32 i = 0; i < map.count; i++)
		assert(info.ranges[i].start == map.entries[i].addr &&
		       info.ranges[i].size == map.entries[i].size &&
		       info.ranges[i].type == boot_e820_type(map.entries[i].type));

	assert(boot_fw_cfg_cpu_count(&ports) == 3);

	/* Nothing but what was selected, and nothing behind its end. */
	fw_cfg_device_out(&device, 0x510, 2, 0x21);
	for (unsigned int i = 0; i < 13; i++)
		assert(fw_cfg_device_in(&device, 0x511, 1) == (u8) "json -- hello"[i]);
	assert(!fw_cfg_device_in(&device, 0x511, 1) && !fw_cfg_device_in(&device, 0x511, 1));
	fw_cfg_device_out(&device, 0x510, 2, 0x8000);
	assert(!fw_cfg_device_in(&device, 0x511, 1));
	fw_cfg_device_out(&device, 0x510, 2, 0x21);
	assert(!fw_cfg_device_in(&device, 0x511, 4) && !fw_cfg_device_in(&device, 0x510, 1));
	return failures != 0;
}
