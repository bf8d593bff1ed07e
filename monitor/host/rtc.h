/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time outside: the wall clock of the CMOS, and the TSC's frequency.
 */
#pragma once

#include "abi/bits.h"

/* Seconds since 1970, UTC. */
u64 rtc_seconds(void);
/* Measured once against the ACPI timer or the PIT. */
u64 rtc_tsc_khz(void);
