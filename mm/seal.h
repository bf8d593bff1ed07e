/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether mm_seal() has been called.
 */
#pragma once

#include "abi/bits.h"

bool seal_is_done(void);
