/* SPDX-License-Identifier: Apache-2.0 */
/*
 * L1's local APICs: the machine's own, but for what would take a processor out of the monitor's
 * hands. INIT and SIPI are played, and NMIs, by which the monitor's own processors kick each other;
 * an SMI, which is the machine's firmware's and nothing that L1 could see, does not come.
 * Does not: know a place of the registers' page but the usual one.
 */
#pragma once

#include "monitor/hardware/l1/device.h"

extern struct l1_device l1_apic;

/* Whether a command of ICR's lower half is played, and not the machine's. */
bool l1_apic_plays(u32 icr);
