/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See pci_guard.h.
 */
#include "monitor/host/pci_guard.h"

#include "lib/cpu.h"
#include "monitor/host/pci_ports.h"
#include "monitor/machine/chipset.h"
#include "monitor/machine/pci_locks.h"
#include "monitor/machine/ports.h"

#define DATA_PORTS 4
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

static u32 machine_data_in(u16 port, unsigned int size)
{
	u32 hidden = pci_hidden_bits(address) >> 8 * (port % DATA_PORTS);

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
	u32 locked = pci_locked_bits(address) >> 8 * (port % DATA_PORTS);

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
