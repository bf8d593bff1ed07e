/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What nobody who runs under the monitor has of the machine's PCI configuration space: what would
 * let the chipset lay its windows over the monitor, or raise SMIs; and MSI and MSI-X, since a
 * device's message is a write of any value to any address. Interrupts come by pins.
 * Spec: PCI 3.0 6.7 (capabilities), 6.8 (messages).
 */
#pragma once

#include "abi/bits.h"

/*
 * Of the dword that @address selects, as the address port has it: the bits that read as 0, and
 * those that a write leaves alone. @address is what the port has afterwards.
 */
u32 pci_hidden_bits(u32 address);
u32 pci_locked_bits(u32 address);
