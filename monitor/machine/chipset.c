/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See chipset.h. Spec: Intel 82371AB (PIIX4) 7.1, ICH9 13.1, MCH (Q35) 5.1, as QEMU has them.
 */
#include "monitor/machine/chipset.h"

#include "abi/bits.h"
#include "abi/x86.h"
#include "lib/cpu.h"

#define PORT_PCI_ADDRESS 0xcf8
#define PORT_PCI_DATA    0xcfc
#define PCI_ENABLE       BIT(31)

#define PCI(device, function) ((device) << 11 | (function) << 8)
#define Q35_HOST              PCI(0, 0)
#define ICH9_LPC              PCI(0x1f, 0)
#define PIIX4_PM              PCI(1, 3)

static u32 pci_read(u32 device, u32 offset)
{
	outl(PORT_PCI_ADDRESS, (u32)PCI_ENABLE | device | offset);
	return inl(PORT_PCI_DATA);
}

static void pci_write(u32 device, u32 offset, u32 value)
{
	outl(PORT_PCI_ADDRESS, (u32)PCI_ENABLE | device | offset);
	outl(PORT_PCI_DATA, value);
}

void chipset_reset(void)
{
	if (pci_read(PIIX4_PM, 0) == 0x71138086) {
		pci_write(PIIX4_PM, 0x80, pci_read(PIIX4_PM, 0x80) & ~1u); /* PMIOSE */
		pci_write(PIIX4_PM, 0x40, 1);                              /* PMBA */
	}
	if (pci_read(ICH9_LPC, 0) == 0x29188086) {
		pci_write(ICH9_LPC, 0x44, 0); /* ACPI_CNTL */
		pci_write(ICH9_LPC, 0x40, 1); /* PMBASE */
	}
	if (pci_read(Q35_HOST, 0) == 0x29c08086)
		pci_write(Q35_HOST, 0x60, 0); /* PCIEXBAR */
	wrmsr(MSR_MTRR_DEF_TYPE, 0);
}
