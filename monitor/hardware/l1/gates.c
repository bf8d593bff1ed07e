/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See gates.h. What is written goes on without the bits that would do it. Spec: 8042; QEMU's
 * docs/specs/acpi_cpu_hotplug.
 */
#include "monitor/hardware/l1/gates.h"

#include "abi/bits.h"
#include "lib/cpu.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/machine/acpi.h"
#include "monitor/machine/chipset.h"
#include "monitor/svm/stop.h"

#define KBD_WRITE_OUTPORT 0xd1
#define KBD_A20_OFF       0xdd
#define A20               BIT(1) /* of the output port and of port 0x92 */
#define HOTPLUG_PC        0xaf00
#define HOTPLUG_Q35       0xcd8
#define HOTPLUG_PORTS     12
#define HOTPLUG_FLAGS     4
#define HOTPLUG_EJECT     (BIT(3) | BIT(4))
#define PM1_CNT           4
#define SLP_TYP_S5        0 /* QEMU's \_S5 package */

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

/* From S3 the machine's firmware would come back to where L1 says, without a monitor. */
static bool pm1_cnt(u16 number, unsigned int size, bool write, u32 *value)
{
	u16 port = l1_pm1_cnt.first_port;
	u32 control = inw(port), mask = (u32)bits_mask(8 * size) << 8 * (number - port);

	control = (control & ~mask) | (*value << 8 * (number - port) & mask);
	if (write && control & PM1_CNT_SLP_EN && PM1_CNT_SLP_TYP(control) != SLP_TYP_S5)
		stop_crashed(l1_here()->v,
			     "it suspended the machine, which the monitor would not survive");
	return false;
}

void l1_gates_find_pm(void)
{
	if (chipset_pm_base())
		l1_pm1_cnt.first_port = chipset_pm_base() + PM1_CNT;
	l1_pm1_cnt.port_count = chipset_pm_base() ? sizeof(u16) : 0;
}

struct l1_device l1_pm1_cnt = { .port = pm1_cnt, .init = nothing };

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
