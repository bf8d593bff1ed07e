/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A polled 16550 UART. The program says how it reaches ports: the monitor by the instructions, the
 * guest by its platform's hooks.
 */
#pragma once

#include "abi/bits.h"

struct serial_io {
	u8 (*in)(u16 port);
	void (*out)(u16 port, u8 value);
	void (*out_string)(u16 port, const void *data, size_t size);
};

struct serial {
	const struct serial_io *io;
	u16 base;
	bool is_dead; /* or not there */
};

/* 115200 baud, 8N1, FIFOs on. @io must live for ever. */
void serial_init(struct serial *s, const struct serial_io *io, u16 base);
/*
 * Waits for room a bounded time. When there was none, the port is dead from then on, and text is
 * dropped at once: a log line never hangs the machine.
 */
void serial_write(struct serial *s, const char *text, size_t size);
/*
 * The same amid what another program has the port do, which may be in loopback, or at the divisor
 * where data goes: both are off for as long as it takes, and then as they were.
 */
void serial_write_amid(struct serial *s, const char *text, size_t size);
/* The next byte, or -1: there is none yet. */
int serial_read(struct serial *s);
