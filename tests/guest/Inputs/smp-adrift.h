/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform's table, but that the set-up of processor 1 waits for @adrift_runs_on.
 */
#pragma once

#include "abi/bits.h"

extern u32 adrift_runs_on;
/* Its number, when its set-up is about to end. */
extern u32 adrift_came;
