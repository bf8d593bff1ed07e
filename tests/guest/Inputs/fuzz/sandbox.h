/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code that may do anything its processor lets it: whatever trap it takes, on a stack of its own,
 * is its end, and the processor is as before. Interrupts and NMIs are ended.
 */
#pragma once

#include "abi/bits.h"
#include "lib/trap_frame.h"

#define SEL_USER_DATA 0x33
#define SEL_USER_CODE 0x3b

/* On each processor; then, on one, with CR0.WP off: from here on traps end what is in a sandbox. */
void sandbox_init(void);
void sandbox_take_traps(void);

/*
 * Runs from @frame: all registers, RIP, CS, RFLAGS, RSP, SS. Afterwards it says where and by which
 * vector it ended.
 */
void sandbox_run(struct trap_frame *frame);

/* @function(@context) as the kernel; true: it ended by itself. */
bool sandbox_call(void (*function)(void *context), void *context);
