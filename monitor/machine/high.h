/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices' memory above what the monitor's page tables map from the start: firmware lays 64-bit
 * BARs as high as the processor's addresses allow.
 */
#pragma once

#include "abi/bits.h"

/* Whether the monitor can reach @address from now on. Called by one processor at a time. */
bool high_reach(u64 address);
