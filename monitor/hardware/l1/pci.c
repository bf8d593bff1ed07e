/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See pci.h.
 */
#include "monitor/hardware/l1/pci.h"

#include "lib/cpu.h"
#include "monitor/machine/chipset.h"
#include "monitor/machine/lapic.h"
#include "monitor/machine/pci_locks.h"
#include "monitor/machine/ports.h"
#include "monitor/svm/apic_ipi.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"

#define FUNCTIONS_MAX 2
#define SLOT_LAST     30 /* of q35 slot 31 has its bridge */
#define DEVICE(slot)  ((u32)(slot) << 11)
#define NOBODY        0xffffffff

/* An interrupt message: APM2 16.11 */
#define MESSAGE_BASE        0xfee00000
#define MESSAGE_DEST(a)     ((u32)bits_get(a, 19, 12))
#define MESSAGE_LOGICAL     BIT(2)
#define MESSAGE_VECTOR(d)   ((u32)bits_get(d, 7, 0))
#define MESSAGE_MODE(d)     ((u32)bits_get(d, 10, 8))
#define MESSAGE_MODE_LOWEST 1

static struct {
	struct pci_function *function;
	void (*written)(void);
	u32 device; /* as in the address port */
} functions[FUNCTIONS_MAX];

static unsigned int function_count;
static unsigned int next_slot = SLOT_LAST;
static u32 address;

u16 l1_pci_add(struct pci_function *f, void (*written)(void))
{
	while (next_slot && chipset_pci_read(DEVICE(next_slot), 0) != NOBODY)
		next_slot--;
	functions[function_count].function = f;
	functions[function_count].written = written;
	functions[function_count++].device = DEVICE(next_slot);
	return (u16)(DEVICE(next_slot--) >> 8);
}

/* Which one the address port has selected; FUNCTIONS_MAX: none of ours. */
static unsigned int selected(void)
{
	for (unsigned int i = 0; i < function_count; i++)
		if (address & PCI_ENABLE && (address & 0xffff00) == functions[i].device)
			return i;
	return FUNCTIONS_MAX;
}

/* Power management registers stay where firmware put them: gates.h is about one. */
static bool moves_pm(u32 value, u32 mask)
{
	u32 device = address & 0xffff00, reg = address & 0xfc;
	bool moves;
	int base;

	if (!chipset_is_pm(device))
		return false;
	base = chipset_pm_base_after(reg, (chipset_pci_read(device, reg) & ~mask) | value);
	moves = (base < 0 ? 0 : base) != chipset_pm_base();
	outl(PORT_PCI_ADDRESS, address);
	return moves;
}

/* A function of the machine's: as it is, but for what would lead out of the monitor. */
static void machine_data(u16 number, unsigned int size, bool write, u32 *value)
{
	unsigned int shift = 8 * (number & 3);
	u32 mask = (u32)bits_mask(8 * size), locked;

	if (!write) {
		*value = machine_port_in(number, size) & ~(pci_hidden_bits(address) >> shift);
		return;
	}
	locked = pci_locked_bits(address) >> shift & mask;
	if (locked == mask || moves_pm(*value << shift, mask << shift))
		return;
	if (locked)
		*value = (*value & ~locked) | (machine_port_in(number, size) & locked);
	machine_port_out(number, size, *value);
}

/* The address port is QEMU's too: what is written there goes on. */
static bool port(u16 number, unsigned int size, bool write, u32 *value)
{
	unsigned int i = selected();
	u8 at = (u8)((address & 0xfc) + (number & 3));

	if (number < PORT_PCI_DATA) {
		if (write && number == PORT_PCI_ADDRESS && size == sizeof(u32))
			address = *value;
		return false;
	}
	if (!(address & PCI_ENABLE) || number % size)
		return false;
	if (i == FUNCTIONS_MAX) {
		machine_data(number, size, write, value);
		return true;
	}
	if (!write) {
		*value = pci_function_read(functions[i].function, at, size);
		return true;
	}
	pci_function_write(functions[i].function, at, size, *value);
	functions[i].written();
	return true;
}

static void nothing(void) {}

struct l1_device l1_pci = {
	.first_port = PORT_PCI_ADDRESS,
	.port_count = PORT_PCI_DATA + sizeof(u32) - PORT_PCI_ADDRESS,
	.port = port,
	.init = nothing,
};

/* L1 may be between the two halves of a command of its own. */
static void send(u32 dest, u32 command)
{
	u32 high = lapic_read(APIC_ICR_HIGH);

	lapic_write(APIC_ICR_HIGH, dest << 24);
	lapic_write(APIC_ICR_LOW, command);
	lapic_write(APIC_ICR_HIGH, high);
}

void l1_pci_interrupt(const struct pci_function *f)
{
	u32 data, command;
	u64 to;

	if (!pci_function_message(f, &to, &data) || to >> 20 != MESSAGE_BASE >> 20 ||
	    MESSAGE_MODE(data) > MESSAGE_MODE_LOWEST)
		return;
	command = MESSAGE_VECTOR(data) | (u32)APIC_ICR_ASSERT |
		  (to & MESSAGE_LOGICAL ? (u32)APIC_ICR_LOGICAL : 0);
	send(MESSAGE_DEST(to), command);
}

/* Where there is memory, no device hears of an access. */
static bool is_free(u64 gpa, u64 size)
{
	for (u64 at = gpa; at < gpa + size; at += PAGE_SIZE)
		if (page_class(at) != PAGE_DEVICE)
			return false;
	return true;
}

void l1_pci_place(struct l1_device *device, const struct pci_function *f, unsigned int bar,
		  u64 size)
{
	u64 gpa = pci_function_bar(f, bar);

	if (gpa == device->gpa)
		return;
	if (!is_free(gpa, size))
		gpa = 0;
	if (device->size)
		npt_unmap(&guest.npt, device->gpa, device->size);
	device->gpa = gpa;
	device->size = gpa ? size : 0;
	if (gpa)
		npt_unmap(&guest.npt, gpa, size);
}
