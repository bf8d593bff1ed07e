/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel code that writes @size bytes into an array of 16 on its stack.
 */
#pragma once

#include "abi/bits.h"

int overrun_kernel(size_t size);
