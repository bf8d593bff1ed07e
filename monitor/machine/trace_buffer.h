/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the transcript has written and the debug console at PORT_TRANSCRIPT has not: there a line
 * takes longer than the exit that it is of, and a guest whose timer's ticks are traced more slowly
 * than they come would not get any further. So half of the time is the guest's, and what waits goes
 * out when it halts, when there is no more room, and at the end.
 */
#pragma once

#include "abi/bits.h"

void trace_buffer_init(void);
void trace_buffer_write(const char *text, size_t size);
/* Before each entry: for as long as the guest has had since the last time. */
void trace_buffer_pace(void);
/* One piece, now. False: there is none. */
bool trace_buffer_drain(void);
bool trace_buffer_is_empty(void);
