/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the monitor's fw_cfg tells is what our guest, started by its own ROM, reads.
 * RUN: %monitor-cc %s -o %t
 */
#include "early/boot_fw_cfg.c"

#include "../unit/Inputs/boot.h"

#include "monitor/host/fw_cfg_device.h"

static struct fw_cfg_device device;

static void port_in(u16 port, void *data, size_t count)
{
	assert(port == PORT_FW_CFG_DATA && !fw_cfg_device_is_machine(&device));
	for (u8 *to = data; count; count--)
		*to++ = fw_cfg_device_next(&device);
}

static void port_out(u16 port, unsigned int size, u32 value)
{
	assert(port == PORT_FW_CFG_SELECTOR && size == 2);
	fw_cfg_device_select(&device, (u16)value);
}

static u32 count_of_files(void)
{
	u32 count = 0;

	fw_cfg_device_select(&device, FW_CFG_DIRECTORY);
	for (unsigned int i = 0; i < 4; i++)
		count = count << 8 | fw_cfg_device_next(&device);
	return count;
}

/* The machine's files are there, but for the monitor's, and the map. */
static void test_machine(void)
{
	struct fw_cfg_entry file = { .key = __builtin_bswap16(0x25), .name = "etc/acpi/tables" };

	assert(count_of_files() == 2);
	fw_cfg_device_add(&device, &file);
	assert(count_of_files() == 3);
	fw_cfg_device_select(&device, 0x25);
	assert(fw_cfg_device_is_machine(&device));
	fw_cfg_device_select(&device, 0x26);
	assert(!fw_cfg_device_is_machine(&device) && !fw_cfg_device_next(&device));
	strcpy(file.name, "opt/postern/guest");
	fw_cfg_device_add(&device, &file);
	strcpy(file.name, "etc/e820");
	fw_cfg_device_add(&device, &file);
	assert(count_of_files() == 3);
	strcpy(file.name, "etc/e820x");
	for (unsigned int i = 0; i < 2 * FW_CFG_DEVICE_FILES; i++)
		fw_cfg_device_add(&device, &file);
	assert(count_of_files() == FW_CFG_DEVICE_FILES);
}

static u32 number(u16 key)
{
	u32 value = 0;

	fw_cfg_device_select(&device, key);
	fw_cfg_device_read(&device, (u8 *)&value, sizeof(value));
	return value;
}

/* A guest from the reset vector has RAM in one piece, as QEMU tells it, and RAM above 4 GiB. */
static void test_hole(void)
{
	struct memmap map;

	memmap_init(&map);
	assert(!memmap_set(&map, 0, 0xa0000, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, 0x100000, 0x7f00000, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, BIT(32), 0x100000, HVM_MEMMAP_RAM));
	fw_cfg_device_init(&device, &map, "", 1);
	assert(device.map_size == 2 * sizeof(device.map[0]));
	assert(device.map[0].addr == 0 && device.map[0].size == 0x8000000);
	assert(device.map[1].addr == BIT(32) && number(FW_CFG_RAM_SIZE) == 0x8100000);
	assert(!memmap_set(&map, 0xa0000, 0x60000, HVM_MEMMAP_RESERVED)); /* it is told of */
	fw_cfg_device_init(&device, &map, "", 1);
	assert(device.map_size == 4 * sizeof(device.map[0]));
	assert(number(FW_CFG_RAM_SIZE) == 0x8100000);
}

static void expect_machine(u16 key, u16 machine_key, u32 offset)
{
	u32 there;

	fw_cfg_device_select(&device, key);
	assert(fw_cfg_device_is_machine(&device));
	assert(fw_cfg_device_machine_key(&device, &there) == machine_key && there == offset);
}

/* A kernel for the firmware: its sizes are here, its bytes the machine's. */
static void test_kernel(void)
{
	const struct fw_cfg_kernel kernel = { 0x2a, 0x2b, 100000, 16384, 5000 };
	struct fw_cfg_kernel lone = kernel;
	struct memmap map;
	u8 words[8];

	memmap_init(&map);
	assert(!memmap_set(&map, 0, 0x8000000, HVM_MEMMAP_RAM));
	fw_cfg_device_init(&device, &map, "quiet", 1);
	for (u16 key = FW_CFG_KERNEL_SIZE; key < FW_CFG_DIRECTORY; key++) {
		assert(!number(key) || key == FW_CFG_CPU_MAX);
		assert(fw_cfg_device_is_machine(&device) ==
		       (key == FW_CFG_NUMA || key == FW_CFG_BOOT_MENU));
	}
	fw_cfg_device_set_kernel(&device, &kernel);
	assert(number(FW_CFG_KERNEL_SIZE) == 100000 - 16384 && number(FW_CFG_SETUP_SIZE) == 16384);
	assert(number(FW_CFG_INITRD_SIZE) == 5000 && number(FW_CFG_CMDLINE_SIZE) == 6);
	fw_cfg_device_select(&device, FW_CFG_CMDLINE_DATA);
	assert(!fw_cfg_device_is_machine(&device));
	fw_cfg_device_read(&device, words, sizeof(words));
	assert(!memcmp(words, "quiet\0\0\0", sizeof(words)));
	expect_machine(FW_CFG_KERNEL_DATA, 0x2a, 16384);
	expect_machine(FW_CFG_SETUP_DATA, 0x2a, 0);
	expect_machine(FW_CFG_INITRD_DATA, 0x2b, 0);
	lone.initrd_size = 0;
	fw_cfg_device_set_kernel(&device, &lone);
	fw_cfg_device_select(&device, FW_CFG_INITRD_DATA);
	assert(!fw_cfg_device_is_machine(&device) && !number(FW_CFG_INITRD_SIZE));
}

int main(void)
{
	u8 bytes[64];
	const struct boot_ports ports = { port_in, port_out, NULL };
	struct memmap map;

	memmap_init(&map);
	assert(!memmap_set(&map, 0, 0x9fc00, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, 0x9fc00, 0x400, HVM_MEMMAP_RESERVED));
	assert(!memmap_set(&map, 0x100000, 0x7ee0000, HVM_MEMMAP_RAM));
	assert(!memmap_set(&map, 0x7fe0000, 0x20000, HVM_MEMMAP_ACPI));
	assert(!memmap_set(&map, 0x1000000, 0x345000, HVM_MEMMAP_RESERVED));
	reset_info();
	fw_cfg_device_init(&device, &map, "json -- hello", 3);
	expect(boot_fw_cfg_parse(&ports, true, &info, &given, &error), NULL);
	assert(!strcmp(info.cmdline, "json -- hello") && given.count == map.count);
	for (u32 i = 0; i < map.count; i++)
		assert(given.ranges[i].start == map.entries[i].addr &&
		       given.ranges[i].size == map.entries[i].size &&
		       given.ranges[i].type == boot_e820_type(map.entries[i].type));

	assert(info.cpu_count == 3);

	/* What was selected, and nothing behind its end; the kernel is the monitor's. */
	fw_cfg_device_select(&device, FW_CFG_CPU_MAX);
	assert(fw_cfg_device_next(&device) == 3 && !fw_cfg_device_next(&device));
	assert(!fw_cfg_device_next(&device));
	fw_cfg_device_select(&device, FW_CFG_CPU_MAX);
	memset(bytes, 0xaa, sizeof(bytes));
	fw_cfg_device_read(&device, bytes, sizeof(bytes) - 1);
	assert(bytes[0] == 3 && bytes[1] == 0 && bytes[62] == 0 && bytes[63] == 0xaa);
	fw_cfg_device_read(&device, bytes, 2); /* behind the end */
	assert(!bytes[0] && !bytes[1]);
	fw_cfg_device_select(&device, 0x08);
	assert(!fw_cfg_device_next(&device) && !fw_cfg_device_is_machine(&device));
	test_machine();
	test_hole();
	test_kernel();
	return failures != 0;
}
