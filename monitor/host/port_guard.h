/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports of the machine by which a guest would reach the monitor below it: what raises SMIs, resets
 * or suspends the machine, gates A20, takes processors away, moves the chipset's own windows, or
 * has a PCI device send messages; QEMU's exit port and its back door; fw_cfg, whose DMA writes
 * where it is told. Everything else is the machine's.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* Before the guest runs, and once the chipset has its ports. */
void port_guard_init(void);
/* Intercepts them: sets their bits in the I/O map of guests that have the machine's ports. */
void port_guard_close(u8 *iopm);

/* Whether the access, of 1, 2 or 4 bytes, touches one of them. */
bool port_guard_has(u16 port, unsigned int size);

/* The access done for the guest. */
u32 port_guard_in(u16 port, unsigned int size);
void port_guard_out(struct vcpu *v, u16 port, unsigned int size, u32 value);

/*
 * Whether power management registers may lie at @base: not at 0, which is nowhere, and not over a
 * port that is guarded, which they would take from its guard, nor over the monitor's console.
 */
bool port_guard_allows_pm(u16 base);
/* Whether @count other ports may lie at @base: nor over those registers. */
bool port_guard_allows(u32 base, u32 count);
/* The chipset's power management registers may have been moved. */
void port_guard_find_pm(void);
