/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The local APICs of an L1 that has several processors: the machine's own, but for what would take
 * a processor out of the monitor's hands. INIT and SIPI are played, and NMIs, by which the
 * monitor's own processors kick each other.
 * Does not: know a place of the registers' page but the usual one.
 */
#pragma once

#include "monitor/hardware/l1/device.h"

extern struct l1_device l1_apic;

/* Whether a command of ICR's lower half is played, and not the machine's. */
bool l1_apic_plays(u32 icr);
