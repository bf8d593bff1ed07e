/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processor's vector registers as they are, by number, for code that has none itself.
 */
#pragma once

#include "abi/bits.h"

#define VECTOR_SIZE 32

/* XMM @number into 16 bytes, or YMM into 32. */
void vector_get_xmm(unsigned int number, u8 *bytes);
void vector_get_ymm(unsigned int number, u8 *bytes);
/* Sets XMM and nothing above it, as instructions without VEX do; */
void vector_set_xmm(unsigned int number, const u8 *bytes);
/* and with it, which needs AVX: what is above is cleared. */
void vector_set_xmm_vex(unsigned int number, const u8 *bytes);
void vector_set_ymm(unsigned int number, const u8 *bytes);
