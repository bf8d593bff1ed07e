/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's I/O APIC and HPET: L1 has them to itself, but for messages that would take a
 * processor out of the monitor's hands. Does not: look at what a PCI device sends.
 */
#pragma once

#include "monitor/hardware/l1/device.h"

extern struct l1_device l1_ioapic;
extern struct l1_device l1_hpet;
