/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines to and from somebody outside, by the second serial port. The host carries them, and can
 * read, change, keep or make up each. Polled; one processor at a time.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"

/* False: this machine has no such port. What came before is dropped. */
bool channel_init(void);
void channel_write(const char *text, size_t size);

/*
 * A line without its end, and a zero behind it. -E_AGAIN: it was not there in time, a minute;
 * -E_NOSPC: it has more than @size - 1 bytes.
 */
int must_check channel_read_line(char *line, size_t size);
