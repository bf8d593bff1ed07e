/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time since boot from the TSC. Its rate is measured when it is first asked for, so that a boot
 * that asks for no time waits for none.
 */
#pragma once

#include "abi/bits.h"

u64 time_tsc_khz(void);
u64 time_tsc_to_ns(u64 ticks);
/* Since timeline_start(). */
u64 time_ns(void);
