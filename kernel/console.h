/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console on COM1, through the platform's port hooks.
 */
#pragma once

#include "abi/bits.h"

/* Opens the serial port and prints the log lines kept until now. pv_early_setup() must have run. */
void console_init(void);
/* False: what this processor says now is lost. */
bool console_has_way(void);
