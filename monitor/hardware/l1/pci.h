/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI functions that L1 has and QEMU has not: on bus 0, in slots that QEMU left free, reached by
 * the configuration ports. There is no configuration memory. Spec: PCI 3.0, 3.2.2.3.2.
 */
#pragma once

#include "monitor/hardware/l1/device.h"
#include "monitor/hardware/pci_function.h"

extern struct l1_device l1_pci;

/*
 * Gives @f a slot; @written is called after each write to its configuration space. Returns its
 * requester id.
 */
u16 l1_pci_add(struct pci_function *f, void (*written)(void));

/* Sends @f's message to a local APIC, if it may: as an interprocessor interrupt. */
void l1_pci_interrupt(const struct pci_function *f);

/* @device's registers, of @size bytes, are where BAR @bar of @f says, or nowhere. */
void l1_pci_place(struct l1_device *device, const struct pci_function *f, unsigned int bar,
		  u64 size);
