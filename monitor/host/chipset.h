/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's chipset, which the machine's firmware set up for itself.
 */
#pragma once

/*
 * As after a reset, for firmware of the guest's: no power management registers and no window of PCI
 * configuration memory. Of q35 and pc; of another chipset nothing is changed.
 */
void chipset_reset(void);
