/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See pci_guard.h.
 */
#include "monitor/host/pci_guard.h"

#include "lib/cpu.h"
#include "monitor/host/pci_ports.h"
#include "monitor/machine/chipset.h"
#include "monitor/machine/ports.h"

#define DATA_PORTS   4
#define REG_STATUS   0x04 /* the upper half of the dword */
#define REG_CAP      0x34
#define REG_HEADER   0x40 /* what is below is no capability's */
#define STATUS_CAP   BIT(20)
#define CAP_MSI      0x05
#define CAP_MSIX     0x11
#define CAP_COUNT    48 /* no list is longer */
#define MESSAGES_MAX 4
#define CONTROL_LOW  2 /* Message Control, whose enable bit is the first or the last */
#define CONTROL_HIGH 3

#define ECAM_SIZE  0x10000000 /* all buses: the one size that a guest can have */
#define ECAM_KNOWN 0xf0000000
#define ECAM_ON    1
#define REG_END    0x100 /* of what the ports reach */

static u32 address; /* the guest's, dword-aligned */
static u32 pciexbar;

static u32 device(void) { return address & 0xffff00; }

static bool is_data(u16 port, unsigned int size)
{
	return port >= PORT_PCI_DATA && port % size == 0 && address & PCI_ENABLE;
}

/* Where the machine's own address port was left, so that the data ports are the guest's again. */
static void select(void) { outl(PORT_PCI_ADDRESS, address); }

/* Where the capabilities for messages of the device that is selected begin; 0: no more. */
static void find_messages(u8 at[MESSAGES_MAX])
{
	unsigned int found = 0;
	u32 next = 0;

	for (unsigned int i = 0; i < MESSAGES_MAX; i++)
		at[i] = 0;
	if (chipset_pci_read(device(), REG_STATUS) & STATUS_CAP)
		next = chipset_pci_read(device(), REG_CAP) & 0xfc;
	for (unsigned int i = 0; i < CAP_COUNT && next >= REG_HEADER; i++) {
		u32 header = chipset_pci_read(device(), next);
		u8 id = (u8)header;

		if ((id == CAP_MSI || id == CAP_MSIX) && found < MESSAGES_MAX)
			at[found++] = (u8)next;
		next = header >> 8 & 0xfc;
	}
	select();
}

/* The bits of a dword at @reg that belong to bytes @first to @last of such a capability. */
static u32 message_bits(u32 reg, unsigned int first, unsigned int last)
{
	u8 at[MESSAGES_MAX];
	u32 bits = 0;

	if (reg < REG_HEADER)
		return 0;
	find_messages(at);
	for (unsigned int i = 0; i < MESSAGES_MAX && at[i]; i++)
		if (reg == at[i])
			bits |= (u32)(bits_mask(8 * (last + 1)) & ~bits_mask(8 * first));
	return bits;
}

static u32 locked_bits(u32 reg)
{
	u32 bits = message_bits(reg, CONTROL_LOW, CONTROL_HIGH);

	for (unsigned int i = 0; i < sizeof(u32); i++)
		if (chipset_is_locked(device(), reg + i))
			bits |= 0xffu << 8 * i;
	return bits;
}

/* A capability without an id is none, and the list goes on behind it. */
static u32 machine_data_in(u16 port, unsigned int size)
{
	u32 hidden = message_bits(address & 0xfc, 0, 0) >> 8 * (port % DATA_PORTS);

	return machine_port_in(port, size) & ~hidden;
}

static u32 data_in(u16 port, unsigned int size)
{
	if (chipset_is_pciexbar(device(), address & 0xfc))
		return pciexbar >> 8 * (port % DATA_PORTS) & (u32)bits_mask(8 * size);
	return machine_data_in(port, size);
}

static void data_out(u16 port, unsigned int size, u32 value)
{
	u32 locked = locked_bits(address & 0xfc) >> 8 * (port % DATA_PORTS);

	if (chipset_is_pciexbar(device(), address & 0xfc) && size == sizeof(u32))
		pciexbar = (value & ~ECAM_KNOWN) == ECAM_ON ? value : 0;
	locked &= (u32)bits_mask(8 * size);
	if (locked)
		value = (value & ~locked) | (machine_port_in(port, size) & locked);
	if (locked != (u32)bits_mask(8 * size)) {
		pci_ports_write(device(), address & 0xfc, port, size, value);
		select();
	}
}

u32 pci_guard_in(u16 port, unsigned int size)
{
	if (port == PORT_PCI_ADDRESS && size == sizeof(u32))
		return address;
	if (port == PORT_RESET_CONTROL && size == 1)
		return inb(port);
	return is_data(port, size) ? data_in(port, size) : (u32)bits_mask(8 * size);
}

void pci_guard_out(u16 port, unsigned int size, u32 value)
{
	if (port == PORT_PCI_ADDRESS && size == sizeof(u32)) {
		address = value & ~3u;
		select();
	} else if (port == PORT_RESET_CONTROL && size == 1) {
		outb(port, (u8)value);
	} else if (is_data(port, size)) {
		data_out(port, size, value);
	}
}

/* The largest access that is aligned, of what is left. */
static unsigned int step_of(u64 gpa, unsigned int left)
{
	unsigned int size = sizeof(u32);

	while (size > 1 && (size > left || gpa % size))
		size /= 2;
	return size;
}

static bool is_memory(u64 gpa, unsigned int size)
{
	u64 base = pciexbar & ECAM_KNOWN;

	return pciexbar && gpa >= base && gpa + size <= base + ECAM_SIZE;
}

/* Selects what configuration memory has at @gpa; false: what only memory reaches. */
static bool select_memory(u64 gpa)
{
	u64 offset = gpa - (pciexbar & ECAM_KNOWN);

	address = (u32)(PCI_ENABLE | offset >> 12 << 8 | (offset & 0xfc));
	select();
	return offset % PAGE_SIZE < REG_END;
}

bool pci_guard_memory_in(u64 gpa, unsigned int size, u64 *value)
{
	u32 saved = address;

	if (!is_memory(gpa, size))
		return false;
	*value = bits_mask(8 * size);
	for (unsigned int at = 0, step; at < size && select_memory(gpa + at); at += step) {
		u16 port = PORT_PCI_DATA + (gpa + at) % DATA_PORTS;

		step = step_of(gpa + at, size - at);
		*value &= ~(bits_mask(8 * step) << 8 * at);
		*value |= (u64)(data_in(port, step) & bits_mask(8 * step)) << 8 * at;
	}
	address = saved;
	select();
	return true;
}

bool pci_guard_memory_out(u64 gpa, unsigned int size, u64 value)
{
	u32 saved = address;

	if (!is_memory(gpa, size))
		return false;
	for (unsigned int at = 0, step; at < size && select_memory(gpa + at); at += step) {
		u16 port = PORT_PCI_DATA + (gpa + at) % DATA_PORTS;

		step = step_of(gpa + at, size - at);
		data_out(port, step, (u32)(value >> 8 * at & bits_mask(8 * step)));
	}
	address = saved;
	select();
	return true;
}
