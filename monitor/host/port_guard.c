/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See port_guard.h. Spec: 8042, ACPI 6.5 4.8.3 (APM's ports), as QEMU has them. An access that is
 * only in part at such a port is done byte by byte, as ISA does it.
 */
#include "monitor/host/port_guard.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/log.h"
#include "monitor/host/guest_fw_cfg.h"
#include "monitor/host/pci_guard.h"
#include "monitor/host/pm_guard.h"
#include "monitor/machine/chipset.h"
#include "monitor/machine/ports.h"
#include "monitor/machine/end.h"
#include "monitor/host/state.h"
#include "monitor/svm/stop.h"

#define PORT_KBD_DATA      0x60
#define PORT_KBD_COMMAND   0x64
#define PORT_SYSTEM_A      0x92 /* bit 0: reset; bit 1: A20 */
#define PORT_APM           0xb2
#define PORT_CPU_HOTPLUG_Q 0xcd8  /* q35 */
#define PORT_CPU_HOTPLUG_P 0xaf00 /* pc */
#define SERIAL_PORTS       8
#define PORTS              0x10000
#define PORT_VMPORT        0x5658 /* changes the registers of whoever executes the access */

#define KBD_WRITE_OUTPORT 0xd1
#define KBD_A20_OFF       0xdd
#define KBD_PULSE         0xf0   /* of the output port's bits that are 0; bit 0 is reset */
#define OUTPORT_RESET     BIT(0) /* when it is 0 */
#define OUTPORT_A20       BIT(1)
#define SYSTEM_A_RESET    BIT(0)
#define SYSTEM_A_A20      BIT(1)

#define HOTPLUG_FLAGS 4
#define HOTPLUG_EJECT (BIT(3) | BIT(4))

static u8 *map;               /* the I/O map; NULL: all ports are intercepted */
static u8 guarded[PORTS / 8]; /* a bit each: guard_of() may have one */
static u8 apm[2];
static bool outport_next; /* the keyboard controller's next byte is for its output port */

/* Nothing of this machine would be as it was. */
static noreturn_t reset(void)
{
	end_begin();
	log_error("the guest reset its machine");
	if (!host.ends_machine)
		end_run(EXIT_CODE_PANIC);
	end_close();
	outb(PORT_RESET_CONTROL, RESET_CONTROL_RESET);
	end_wait();
}

static void machine_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	(void)v;
	machine_port_out(port, size, value);
}

/* QEMU leaves by any of its ports; newer ones a little later: the guest must not go on. */
static void exit_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	(void)v, (void)port, (void)size;
	end_run((u8)value);
}

static void transcript_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	(void)v;
	if (!tracing)
		machine_port_out(port, size, value);
}

static void fw_cfg_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	(void)v;
	guest_fw_cfg_out(port, size, value);
}

static void kbd_data_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	(void)v;
	if (outport_next && !(value & OUTPORT_RESET))
		reset();
	machine_port_out(port, size, outport_next ? value | (u32)OUTPORT_A20 : value);
	outport_next = false;
}

static void kbd_command_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	(void)v;
	if ((value & KBD_PULSE) == KBD_PULSE && !(value & OUTPORT_RESET))
		reset();
	outport_next = value == KBD_WRITE_OUTPORT;
	if (value != KBD_A20_OFF)
		machine_port_out(port, size, value);
}

static void system_a_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	(void)v;
	if (value & SYSTEM_A_RESET)
		reset();
	machine_port_out(port, size, value | (u32)SYSTEM_A_A20);
}

static u32 apm_in(u16 port, unsigned int size)
{
	return size == 1 ? apm[port - PORT_APM] : apm[0] | (u32)apm[1] << 8;
}

/* What firmware's SMI handler would do, and nobody else's: ACPI is switched on and off. */
static void apm_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	(void)v;
	apm[port - PORT_APM] = (u8)value;
	if (size > 1)
		apm[1] = (u8)(value >> 8);
	value &= 0xff;
	if (port != PORT_APM || guest.acpi.enable == guest.acpi.disable)
		return;
	if (value == guest.acpi.enable || value == guest.acpi.disable)
		pm_guard_set_sci(value == guest.acpi.enable);
}

/* Selecting processors is how ACPI finds out which there are; none of the monitor's leaves. */
static void hotplug_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	(void)v;
	if (port % 0x20 ==
	    (port < PORT_CPU_HOTPLUG_P ? PORT_CPU_HOTPLUG_Q % 0x20 : 0) + HOTPLUG_FLAGS)
		value &= ~(u32)HOTPLUG_EJECT;
	machine_port_out(port, size, value);
}

static u32 nothing_in(u16 port, unsigned int size)
{
	(void)port;
	return (u32)bits_mask(8 * size);
}

static void nothing_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	(void)v, (void)port, (void)size, (void)value;
}

static void pci_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	(void)v;
	if (port == PORT_RESET_CONTROL && size == 1 && value & RESET_CONTROL_RESET)
		reset();
	pci_guard_out(port, size, value);
}

static const struct guard {
	u16 first, count;
	u32 (*in)(u16 port, unsigned int size);
	void (*out)(struct vcpu *v, u16 port, unsigned int size, u32 value);
} guards[] = {
	{ PORT_KBD_DATA, 1, machine_port_in, kbd_data_out },
	{ PORT_KBD_COMMAND, 1, machine_port_in, kbd_command_out },
	{ PORT_CMOS_INDEX, 2, guest_fw_cfg_in, fw_cfg_out },
	{ PORT_SYSTEM_A, 1, machine_port_in, system_a_out },
	{ PORT_APM, 2, apm_in, apm_out },
	{ EXIT_PORT, 4, machine_port_in, exit_out },
	/* QEMU 7.2 aborts where an access goes over a serial port's end: by bytes none does. */
	{ PORT_COM1 + SERIAL_PORTS, 1, machine_port_in, machine_out },
	{ PORT_COM2 + SERIAL_PORTS, 1, machine_port_in, machine_out },
	{ PORT_TRANSCRIPT, 1, machine_port_in, transcript_out },
	{ PORT_FW_CFG_SELECTOR, PORT_FW_CFG_DMA + 8 - PORT_FW_CFG_SELECTOR, guest_fw_cfg_in,
	  fw_cfg_out },
	{ PORT_CPU_HOTPLUG_Q, 12, machine_port_in, hotplug_out },
	{ PORT_CPU_HOTPLUG_P, 12, machine_port_in, hotplug_out },
	{ PORT_PCI_ADDRESS, 8, pci_guard_in, pci_out },
	{ PORT_VMPORT, 4, nothing_in, nothing_out },
};

static const struct guard machine_guard = { 0, 0, machine_port_in, machine_out };
static const struct guard pm_guard = { 0, PM_SIZE, machine_port_in, pm_guard_out };
static const struct guard tables_pm_guard = { 0, PM_ACPI_SIZE, pm_guard_tables_in,
					      pm_guard_tables_out };

static bool is_within(u16 port, unsigned int first, unsigned int count)
{
	return port >= first && port < first + count;
}

static const struct guard *guard_of(u16 port)
{
	for (unsigned int i = 0; i < array_count(guards); i++)
		if (is_within(port, guards[i].first, guards[i].count))
			return &guards[i];
	if (pm_guard_base() && is_within(port, pm_guard_base(), PM_SIZE))
		return &pm_guard;
	if (pm_guard_tables_base() && is_within(port, pm_guard_tables_base(), PM_ACPI_SIZE))
		return &tables_pm_guard;
	return &machine_guard;
}

static bool is_guarded(u16 port) { return guarded[port / 8] >> port % 8 & 1; }

bool port_guard_has(u16 port, unsigned int size)
{
	bool has = is_guarded(port);

	for (unsigned int i = 1; i < size; i++)
		has |= is_guarded(port + (u16)i);
	return has;
}

/* Whether one handler takes it whole: aligned, and not just some of its bytes. */
static bool is_whole(u16 port, unsigned int size)
{
	for (unsigned int i = 1; i < size; i++)
		if (port % size || guard_of(port + (u16)i) != guard_of(port))
			return false;
	return true;
}

u32 port_guard_in(u16 port, unsigned int size)
{
	u32 value = 0;

	if (is_whole(port, size))
		return guard_of(port)->in(port, size);
	for (unsigned int i = 0; i < size; i++)
		value |= (guard_of(port + (u16)i)->in(port + (u16)i, 1) & 0xff) << 8 * i;
	return value;
}

void port_guard_out(struct vcpu *v, u16 port, unsigned int size, u32 value)
{
	if (is_whole(port, size)) {
		guard_of(port)->out(v, port, size, value);
		return;
	}
	for (unsigned int i = 0; i < size; i++)
		guard_of(port + (u16)i)->out(v, port + (u16)i, 1, value >> 8 * i & 0xff);
}

static void close(unsigned int first, unsigned int count)
{
	for (unsigned int port = first; port < first + count && port < PORTS; port++) {
		guarded[port / 8] |= (u8)(1u << port % 8);
		if (map)
			map[port / 8] |= (u8)(1u << port % 8);
	}
}

static bool is_free_of(u32 base, u32 count, unsigned int first, unsigned int size)
{
	return !size || base >= first + size || first >= base + count;
}

static bool is_free(u32 base, u32 count)
{
	for (unsigned int i = 0; i < array_count(guards); i++)
		if (!is_free_of(base, count, guards[i].first, guards[i].count))
			return false;
	return is_free_of(base, count, PORT_COM1, SERIAL_PORTS);
}

bool port_guard_allows_pm(u16 base)
{
	return base && base + PM_SIZE <= PORTS && is_free(base, PM_SIZE);
}

/* At 0 QEMU has a BAR nowhere, nor behind the last port. */
bool port_guard_allows(u32 base, u32 count)
{
	return !base || base >= PORTS ||
	       (is_free(base, count) &&
		is_free_of(base, count, pm_guard_base(), pm_guard_base() ? PM_SIZE : 0));
}

/* What was guarded before stays so, by nobody but the machine. */
void port_guard_find_pm(void)
{
	pm_guard_find();
	if (pm_guard_base())
		close(pm_guard_base(), PM_SIZE);
}

void port_guard_init(void)
{
	for (unsigned int i = 0; i < array_count(guards); i++)
		close(guards[i].first, guards[i].count);
	if (pm_guard_tables_base())
		close(pm_guard_tables_base(), PM_ACPI_SIZE);
	port_guard_find_pm();
}

void port_guard_close(u8 *iopm)
{
	map = iopm;
	port_guard_init();
}
