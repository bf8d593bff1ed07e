/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports of QEMU's by which L1 would take memory or processors from the monitor below it: the gates
 * of address bit 20, which no processor has that is an SNP host, the ejection of processors,
 * and suspension, which ends the machine by a sentence.
 */
#pragma once

#include "monitor/hardware/l1/device.h"

extern struct l1_device l1_kbd_data, l1_kbd_command, l1_system_a;
extern struct l1_device l1_hotplug_pc, l1_hotplug_q35, l1_pm1_cnt;

/* Before L1 runs, of a chipset that is known: the last one's place. */
void l1_gates_find_pm(void);
