/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PCI function that the machine under the monitor has not: its configuration space, with memory
 * BARs of 32 bits, capabilities and MSI. Pure. Spec: PCI 3.0.
 */
#pragma once

#include "abi/pci.h"

struct pci_function {
	u8 config[PCI_CONFIG_SIZE];
	u8 writable[PCI_CONFIG_SIZE]; /* bits that software may change */
	u8 last;                      /* capability in the list; 0: none */
	u8 msi;                       /* where that one is; 0: none */
};

/* @class: interface in the lowest byte. */
void pci_function_init(struct pci_function *f, u16 vendor, u16 device, u32 class);

/* BAR @n of @size bytes, a power of 2 and at least 16, nowhere yet. */
void pci_function_add_bar(struct pci_function *f, unsigned int n, u32 size);

/* A capability at @at, at the end of the list. What is in it, the caller sets. */
void pci_function_add(struct pci_function *f, u8 id, u8 at);
/* One message, at @at. */
void pci_function_add_msi(struct pci_function *f, u8 at);

void pci_function_put(struct pci_function *f, u8 at, unsigned int size, u32 value);

/* Configuration cycles: @size 1, 2 or 4, aligned. */
u32 pci_function_read(const struct pci_function *f, u8 at, unsigned int size);
void pci_function_write(struct pci_function *f, u8 at, unsigned int size, u32 value);

/* Where BAR @n is; 0: memory is disabled, or it is nowhere. */
u32 pci_function_bar(const struct pci_function *f, unsigned int n);

/* What is sent for an interrupt; false: nothing may be. */
bool pci_function_message(const struct pci_function *f, u64 *address, u32 *data);
