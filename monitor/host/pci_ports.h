/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a guest may lay ports of the machine by PCI configuration space. What it lays over another
 * port takes the accesses to it, the monitor's own too: power management registers, and any I/O
 * BAR (in QEMU one lies above all that is no PCI device's). Neither comes over a guarded port.
 * What a bridge's I/O window forwards is its devices' BARs; memory BARs lie below RAM, the
 * interrupt controllers and the HPET, and take nothing from them.
 */
#pragma once

#include "abi/bits.h"

/*
 * A write, of 1, 2 or 4 bytes at data port @port, to the dword @reg of @device. It is dropped where
 * ports would lie over a guarded one by it. The machine's address port is another one's afterwards.
 */
void pci_ports_write(u32 device, u32 reg, u16 port, unsigned int size, u32 value);
