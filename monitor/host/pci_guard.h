/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI configuration space by ports, as a guest has it: without what would let the chipset lay its
 * windows over the monitor, or raise SMIs; and without MSI and MSI-X, since a device's message is a
 * write of any value to any address. Its interrupts come by pins.
 * Spec: PCI 3.0 3.2.2.3.2 (ports), 6.7 (capabilities), 6.8 (messages).
 */
#pragma once

#include "abi/bits.h"

#define PORT_RESET_CONTROL  0xcf9
#define RESET_CONTROL_RESET BIT(2)

/* Ports 0xcf8 to 0xcff, aligned; what the machine would not answer either reads ones. */
u32 pci_guard_in(u16 port, unsigned int size);
void pci_guard_out(u16 port, unsigned int size, u32 value);
