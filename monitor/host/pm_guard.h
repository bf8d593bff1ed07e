/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chipset's power management registers: none raises an SMI, and only power-off is a sleep. They
 * are where configuration space lays them, and where ACPI's tables name them.
 */
#pragma once

#include "monitor/svm/vcpu.h"

#define PM_SIZE      0x80
#define PM_ACPI_SIZE 12 /* of what ACPI's fixed tables name */

/* Where they are, as of the last pm_guard_find(); 0: nowhere. */
u16 pm_guard_base(void);
void pm_guard_find(void);
void pm_guard_out(struct vcpu *v, u16 port, unsigned int size, u32 value);

u16 pm_guard_tables_base(void);
u32 pm_guard_tables_in(u16 port, unsigned int size);
void pm_guard_tables_out(struct vcpu *v, u16 port, unsigned int size, u32 value);

/* ACPI mode: interrupts are the system's, not the SMI handler's. */
void pm_guard_set_sci(bool on);
