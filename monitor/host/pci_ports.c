/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See pci_ports.h. Spec: PCI 3.0 6.1 (header), 6.2.2 (command), 6.2.5 (base addresses), 6.2.5.1
 * (their sizes); PCI-to-PCI Bridge 1.2 3.2.
 */
#include "monitor/host/pci_ports.h"

#include "lib/cpu.h"
#include "monitor/host/port_guard.h"
#include "monitor/machine/chipset.h"
#include "monitor/machine/ports.h"

#define REG_COMMAND     0x04
#define COMMAND_IO      BIT(0)
#define COMMAND_MASK    0xffff /* above are status bits, which a one clears */
#define REG_HEADER_TYPE 0x0c
#define HEADER_TYPE(r)  ((r) >> 16 & 0x7f)
#define REG_BAR         0x10
#define BAR_END         0x28 /* of a device; type 0 */
#define BRIDGE_BAR_END  0x18 /* type 1 */
#define BAR_IO          BIT(0)
#define BAR_IO_MASK     0xfffffffcu
#define BAR_KIND        7 /* bits 2:0 of one of memory */
#define BAR_64          4

struct write {
	u32 device, reg;
	u16 port;
	unsigned int size;
	u32 value;
};

/* The machine's address port may be anywhere by now. */
static void do_write(const struct write *w)
{
	outl(PORT_PCI_ADDRESS, (u32)PCI_ENABLE | w->device | w->reg);
	machine_port_out(w->port, w->size, w->value);
}

/* The register as it would be, were each bit of it the guest's. */
static u32 value_after(const struct write *w)
{
	unsigned int shift = 8 * (w->port % sizeof(u32));
	u32 mask = (u32)bits_mask(8 * w->size) << shift;

	return (chipset_pci_read(w->device, w->reg) & ~mask) | (w->value << shift & mask);
}

static bool lays_pm_over_guards(const struct write *w)
{
	int base = chipset_pm_base_after(w->reg, value_after(w));

	return base >= 0 && !port_guard_allows_pm((u16)base);
}

static u32 bar_end(u32 device)
{
	u32 type = HEADER_TYPE(chipset_pci_read(device, REG_HEADER_TYPE));

	return type == 0 ? BAR_END : type == 1 ? BRIDGE_BAR_END : 0;
}

/* The upper half of a 64-bit BAR is none itself. */
static bool is_io_bar(u32 device, u32 reg)
{
	u32 bar = 0;

	if (reg < REG_BAR || reg >= bar_end(device))
		return false;
	for (u32 at = REG_BAR; at <= reg; at += sizeof(u32)) {
		bar = (bar & BAR_KIND) == BAR_64 ? 0 : chipset_pci_read(device, at);
		if (at == reg)
			return bar & BAR_IO;
	}
	return false;
}

/* While the device does not decode: the probe would lay it over the last ports. */
static bool bar_is_allowed(const struct write *w)
{
	u32 old = chipset_pci_read(w->device, w->reg), after = value_after(w), mask;

	chipset_pci_write(w->device, w->reg, ~0u);
	mask = chipset_pci_read(w->device, w->reg) & BAR_IO_MASK;
	chipset_pci_write(w->device, w->reg, old);
	return port_guard_allows(after & mask, mask & -mask);
}

/* The address port may be what it would lie over, so nothing is laid anywhere to find out. */
static void write_bar(const struct write *w)
{
	u32 command = chipset_pci_read(w->device, REG_COMMAND) & COMMAND_MASK;

	chipset_pci_write(w->device, REG_COMMAND, command & ~(u32)COMMAND_IO);
	if (bar_is_allowed(w))
		do_write(w);
	chipset_pci_write(w->device, REG_COMMAND, command);
}

void pci_ports_write(u32 device, u32 reg, u16 port, unsigned int size, u32 value)
{
	const struct write w = { device, reg, port, size, value };

	if (is_io_bar(device, reg)) {
		write_bar(&w);
	} else if (!chipset_is_pm(device)) {
		do_write(&w);
	} else if (!lays_pm_over_guards(&w)) {
		do_write(&w);
		port_guard_find_pm();
	}
}
