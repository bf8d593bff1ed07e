/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's chipset, which the machine's firmware set up for itself.
 */
#pragma once

/*
 * As after a reset, for firmware of the guest's: no power management registers, no window of PCI
 * configuration memory, MTRRs off (firmware that finds them on may change them with CR0.CD set,
 * which a TD must not). Of q35 and pc; of another chipset nothing is changed but the MTRRs.
 */
void chipset_reset(void);
