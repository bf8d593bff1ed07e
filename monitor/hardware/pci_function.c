/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See pci_function.h.
 */
#include "monitor/hardware/pci_function.h"

#include "lib/string.h"

#define BAR_FLAGS 0xf

static void put(u8 *bytes, unsigned int size, u32 value)
{
	for (unsigned int i = 0; i < size; i++)
		bytes[i] = (u8)(value >> 8 * i);
}

static u32 get(const u8 *bytes, unsigned int size)
{
	u32 value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (u32)bytes[i] << 8 * i;
	return value;
}

void pci_function_put(struct pci_function *f, u8 at, unsigned int size, u32 value)
{
	put(&f->config[at], size, value);
}

void pci_function_init(struct pci_function *f, u16 vendor, u16 device, u32 class)
{
	memset(f, 0, sizeof(*f));
	put(&f->config[PCI_VENDOR_ID], 2, vendor);
	put(&f->config[PCI_DEVICE_ID], 2, device);
	put(&f->config[PCI_SUBSYSTEM], 4, (u32)device << 16 | vendor);
	put(&f->config[PCI_CLASS], 3, class);
	put(&f->writable[PCI_COMMAND], 2,
	    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_NO_INTX);
}

void pci_function_add_bar(struct pci_function *f, unsigned int n, u32 size)
{
	put(&f->writable[PCI_BAR(n)], 4, ~(size - 1));
}

void pci_function_add(struct pci_function *f, u8 id, u8 at)
{
	f->config[f->last ? f->last + 1 : PCI_CAPABILITIES] = at;
	f->config[at] = id;
	f->config[PCI_STATUS] |= PCI_STATUS_LIST;
	f->last = at;
}

void pci_function_add_msi(struct pci_function *f, u8 at)
{
	pci_function_add(f, PCI_CAPABILITY_MSI, at);
	put(&f->config[at + PCI_MSI_CONTROL], 2, PCI_MSI_64BIT);
	put(&f->writable[at + PCI_MSI_CONTROL], 2, PCI_MSI_ENABLE);
	put(&f->writable[at + PCI_MSI_ADDRESS], 4, ~3u);
	put(&f->writable[at + PCI_MSI_ADDRESS_HIGH], 4, ~0u);
	put(&f->writable[at + PCI_MSI_DATA], 2, 0xffff);
	f->msi = at;
}

u32 pci_function_read(const struct pci_function *f, u8 at, unsigned int size)
{
	return get(&f->config[at], size);
}

void pci_function_write(struct pci_function *f, u8 at, unsigned int size, u32 value)
{
	u32 mask = get(&f->writable[at], size), old = get(&f->config[at], size);

	put(&f->config[at], size, (old & ~mask) | (value & mask));
}

u32 pci_function_bar(const struct pci_function *f, unsigned int n)
{
	if (!(get(&f->config[PCI_COMMAND], 2) & PCI_COMMAND_MEMORY))
		return 0;
	return get(&f->config[PCI_BAR(n)], 4) & ~(u32)BAR_FLAGS;
}

bool pci_function_message(const struct pci_function *f, u64 *address, u32 *data)
{
	const u8 *msi = &f->config[f->msi];

	if (!f->msi || !(get(msi + PCI_MSI_CONTROL, 2) & PCI_MSI_ENABLE) ||
	    !(get(&f->config[PCI_COMMAND], 2) & PCI_COMMAND_MASTER))
		return false;
	*address = (u64)get(msi + PCI_MSI_ADDRESS_HIGH, 4) << 32 | get(msi + PCI_MSI_ADDRESS, 4);
	*data = get(msi + PCI_MSI_DATA, 2);
	return true;
}
