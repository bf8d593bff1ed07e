/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See gates.h. What is written goes on without the bits that would do it. Spec: 8042; QEMU's
 * docs/specs/acpi_cpu_hotplug.
 */
#include "monitor/hardware/l1/gates.h"

#include "abi/bits.h"

#define KBD_WRITE_OUTPORT 0xd1
#define KBD_A20_OFF       0xdd
#define A20               BIT(1) /* of the output port and of port 0x92 */
#define HOTPLUG_PC        0xaf00
#define HOTPLUG_Q35       0xcd8
#define HOTPLUG_PORTS     12
#define HOTPLUG_FLAGS     4
#define HOTPLUG_EJECT     (BIT(3) | BIT(4))

static bool outport_next; /* the keyboard controller's next byte is for its output port */

static void nothing(void) {}

static bool kbd_data(u16 number, unsigned int size, bool write, u32 *value)
{
	(void)number, (void)size;
	if (write && outport_next)
		*value |= (u32)A20;
	if (write)
		outport_next = false;
	return false;
}

static bool kbd_command(u16 number, unsigned int size, bool write, u32 *value)
{
	(void)number, (void)size;
	if (write)
		outport_next = *value == KBD_WRITE_OUTPORT;
	return write && *value == KBD_A20_OFF;
}

static bool system_a(u16 number, unsigned int size, bool write, u32 *value)
{
	(void)number, (void)size;
	if (write)
		*value |= (u32)A20;
	return false;
}

static bool hotplug(u16 number, unsigned int size, bool write, u32 *value)
{
	u16 first = number < HOTPLUG_PC ? HOTPLUG_Q35 : HOTPLUG_PC;

	(void)size;
	if (write && number - first == HOTPLUG_FLAGS)
		*value &= ~(u32)HOTPLUG_EJECT;
	return false;
}

struct l1_device l1_kbd_data = {
	.first_port = 0x60, .port_count = 1, .port = kbd_data, .init = nothing
};

struct l1_device l1_kbd_command = {
	.first_port = 0x64, .port_count = 1, .port = kbd_command, .init = nothing
};

struct l1_device l1_system_a = {
	.first_port = 0x92, .port_count = 1, .port = system_a, .init = nothing
};

struct l1_device l1_hotplug_pc = {
	.first_port = HOTPLUG_PC, .port_count = HOTPLUG_PORTS, .port = hotplug, .init = nothing
};

struct l1_device l1_hotplug_q35 = {
	.first_port = HOTPLUG_Q35, .port_count = HOTPLUG_PORTS, .port = hotplug, .init = nothing
};
