/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's chipset, which the machine's firmware set up for itself: of q35 and pc; of another
 * one nothing is known, and nothing changed but the MTRRs.
 */
#pragma once

#include "abi/bits.h"

#define PORT_PCI_ADDRESS 0xcf8
#define PORT_PCI_DATA    0xcfc
#define PCI_ENABLE       BIT(31)

/* A device's configuration dword. @device: bus, device and function as in the address port. */
u32 chipset_pci_read(u32 device, u32 offset);
void chipset_pci_write(u32 device, u32 offset, u32 value);

/*
 * Before a guest runs: finds out which it is, and switches off what raises SMIs and the window of
 * PCI configuration memory, which would need no ports.
 */
void chipset_init(void);

/*
 * As after a reset, for firmware of the guest's: no power management registers, MTRRs off (firmware
 * that finds them on may change them with CR0.CD set, which a TD must not).
 */
void chipset_reset(void);

/*
 * Whether a byte of configuration space is not a guest's to change: it would lay a window of the
 * chipset's over memory that is the monitor's, or have it raise SMIs.
 */
bool chipset_is_locked(u32 device, u32 offset);

/* The device that has the power management registers, and where they are; 0: nowhere. */
bool chipset_is_pm(u32 device);
u16 chipset_pm_base(void);
/*
 * Where they would be, were @value in the configuration dword @offset of that device; -1: off.
 * PMBASE and ACPI_CNTL of ICH9, PMBA and PMREGMISC of PIIX4.
 */
int chipset_pm_base_after(u32 offset, u32 value);
/* Whether ICH9's SMI_EN and SMI_STS are among them. */
bool chipset_has_smi_enable(void);

/* Whether @offset of @device is the register that lays out configuration memory, PCIEXBAR. */
bool chipset_is_pciexbar(u32 device, u32 offset);
