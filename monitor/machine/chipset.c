/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See chipset.h. Spec: Intel 440FX (82441FX) 3.2, 82371AB (PIIX4) 7.1, ICH9 13.1 and 13.8, MCH
 * (Q35) 5.1, as QEMU has them.
 */
#include "monitor/machine/chipset.h"

#include "abi/x86.h"
#include "lib/compiler.h"
#include "lib/cpu.h"

#define PCI(device, function) ((device) << 11 | (function) << 8)
#define HOST_BRIDGE           PCI(0, 0)
#define ICH9_LPC              PCI(0x1f, 0)
#define PIIX4_PM              PCI(1, 3)

#define ID_I440FX 0x12378086
#define ID_Q35    0x29c08086
#define ID_ICH9   0x29188086
#define ID_PIIX4  0x71138086

#define Q35_PCIEXBAR    0x60
#define ICH9_PMBASE     0x40
#define ICH9_ACPI_CNTL  0x44
#define ICH9_ACPI_EN    BIT(7)
#define ICH9_SMI_EN     0x30 /* of the I/O ports */
#define PIIX4_PMBA      0x40
#define PIIX4_DEVACTB   0x58
#define PIIX4_APMC_EN   BIT(25)
#define PIIX4_PMREGMISC 0x80
#define PIIX4_PMIOSE    BIT(0)

static u32 host_id, lpc_id, pm_id;

static const struct {
	u32 device;
	u32 *id_there, id;
	u8 first, last;
} locked[] = {
	{ HOST_BRIDGE, &host_id, ID_I440FX, 0x72, 0x72 }, /* SMRAM */
	{ HOST_BRIDGE, &host_id, ID_Q35, 0x50, 0x51 },    /* the size of TSEG */
	{ HOST_BRIDGE, &host_id, ID_Q35, 0x60, 0x67 },    /* PCIEXBAR */
	{ HOST_BRIDGE, &host_id, ID_Q35, 0x9c, 0x9f },    /* SMBASE, SMRAM, ESMRAMC */
	{ ICH9_LPC, &lpc_id, ID_ICH9, 0xf0, 0xf3 },       /* RCBA */
	{ PIIX4_PM, &pm_id, ID_PIIX4, PIIX4_DEVACTB, PIIX4_DEVACTB + 3 },
};

u32 chipset_pci_read(u32 device, u32 offset)
{
	outl(PORT_PCI_ADDRESS, (u32)PCI_ENABLE | device | offset);
	return inl(PORT_PCI_DATA);
}

void chipset_pci_write(u32 device, u32 offset, u32 value)
{
	outl(PORT_PCI_ADDRESS, (u32)PCI_ENABLE | device | offset);
	outl(PORT_PCI_DATA, value);
}

void chipset_init(void)
{
	host_id = chipset_pci_read(HOST_BRIDGE, 0);
	lpc_id = chipset_pci_read(ICH9_LPC, 0);
	pm_id = chipset_pci_read(PIIX4_PM, 0);
	if (host_id == ID_Q35)
		chipset_pci_write(HOST_BRIDGE, Q35_PCIEXBAR, 0);
	if (pm_id == ID_PIIX4)
		chipset_pci_write(PIIX4_PM, PIIX4_DEVACTB,
				  chipset_pci_read(PIIX4_PM, PIIX4_DEVACTB) & ~(u32)PIIX4_APMC_EN);
	if (chipset_has_smi_enable() && chipset_pm_base())
		outl(chipset_pm_base() + ICH9_SMI_EN, 0);
}

void chipset_reset(void)
{
	if (pm_id == ID_PIIX4) {
		chipset_pci_write(PIIX4_PM, PIIX4_PMREGMISC,
				  chipset_pci_read(PIIX4_PM, PIIX4_PMREGMISC) & ~(u32)PIIX4_PMIOSE);
		chipset_pci_write(PIIX4_PM, PIIX4_PMBA, 1);
	}
	if (lpc_id == ID_ICH9) {
		chipset_pci_write(ICH9_LPC, ICH9_ACPI_CNTL, 0);
		chipset_pci_write(ICH9_LPC, ICH9_PMBASE, 1);
	}
	wrmsr(MSR_MTRR_DEF_TYPE, 0);
}

bool chipset_is_locked(u32 device, u32 offset)
{
	for (unsigned int i = 0; i < array_count(locked); i++)
		if (locked[i].device == device && *locked[i].id_there == locked[i].id &&
		    offset >= locked[i].first && offset <= locked[i].last)
			return true;
	return false;
}

bool chipset_has_smi_enable(void) { return lpc_id == ID_ICH9; }

bool chipset_is_pm(u32 device)
{
	return (device == PIIX4_PM && pm_id == ID_PIIX4) ||
	       (device == ICH9_LPC && lpc_id == ID_ICH9);
}

struct pm {
	u32 device, base, base_mask, enable, enable_bit;
};

static const struct pm piix4 = { PIIX4_PM, PIIX4_PMBA, 0xffc0, PIIX4_PMREGMISC, PIIX4_PMIOSE };
static const struct pm ich9 = { ICH9_LPC, ICH9_PMBASE, 0xff80, ICH9_ACPI_CNTL, ICH9_ACPI_EN };

static const struct pm *pm_of_machine(void)
{
	if (pm_id == ID_PIIX4)
		return &piix4;
	return lpc_id == ID_ICH9 ? &ich9 : NULL;
}

/* A register as it would be, or as it is. */
static u32 reg_after(const struct pm *pm, u32 reg, u32 offset, u32 value)
{
	return reg == offset ? value : chipset_pci_read(pm->device, reg);
}

int chipset_pm_base_after(u32 offset, u32 value)
{
	const struct pm *pm = pm_of_machine();

	if (!pm || !(reg_after(pm, pm->enable, offset, value) & pm->enable_bit))
		return -1;
	return (int)(reg_after(pm, pm->base, offset, value) & pm->base_mask);
}

u16 chipset_pm_base(void)
{
	int base = chipset_pm_base_after(~0u, 0);

	return base < 0 ? 0 : (u16)base;
}

bool chipset_is_pciexbar(u32 device, u32 offset)
{
	return host_id == ID_Q35 && device == HOST_BRIDGE && offset == Q35_PCIEXBAR;
}
