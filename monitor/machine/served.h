/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option `served`: a program at the other end of COM2 gives a machine its last words and is
 * told of its end, so that one QEMU serves for many runs: it takes a snapshot before the first
 * instruction of the guest, and goes back there. A line each way: `ready`; monitor options; `ended
 * <exit code>`.
 */
#pragma once

#include "abi/bits.h"

#define SERVED_LINE_MAX 512

/* Says `ready`, and waits for the line. NULL: it is too long, or nobody is there. */
const char *served_wait(void);
/* The run is over, and nothing else is done until the machine is taken back. */
void served_end(u8 exit_code);
