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

/*
 * Configuration memory of a guest whose devices are not mapped, where its PCIEXBAR says; false:
 * @gpa is not in it. The machine's own PCIEXBAR stays off.
 */
bool pci_guard_memory_in(u64 gpa, unsigned int size, u64 *value);
bool pci_guard_memory_out(u64 gpa, unsigned int size, u64 value);

/* Ports 0xcf8 to 0xcff, aligned; what the machine would not answer either reads ones. */
u32 pci_guard_in(u16 port, unsigned int size);
void pci_guard_out(u16 port, unsigned int size, u32 value);
