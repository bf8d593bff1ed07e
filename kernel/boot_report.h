/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first lines on the console: where we are. Ends the run when the loader's data was refused.
 */
#pragma once

#include "abi/bits.h"

void boot_report(void);
/* What the command line's accept= says: true for eager, false for lazy, which is the default. */
bool boot_accept_all(void);
