/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time outside: the wall clock of the CMOS, and the TSC's frequency.
 */
#pragma once

#include "abi/bits.h"

/* Seconds since 1970, UTC. */
u64 rtc_seconds(void);
/* Measures the TSC; @pm_timer: port of the ACPI timer, or 0. */
u64 rtc_tsc_khz(u16 pm_timer);
