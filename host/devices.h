/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All devices that there are: two serial ports, of which the second is there where somebody is at
 * its other end, and the port for results. What the guest writes goes to sinks; the first port only
 * writes. The exit port is not here: it ends the run.
 * Spec: National Semiconductor PC16550D; abi/exit_code.h.
 */
#pragma once

#include "abi/bits.h"

#define PORT_SERIAL   0x3f8
#define PORT_SERIAL_2 0x2f8
#define SERIAL_COUNT  8

typedef void (*device_sink_t)(void *context, const void *data, size_t size);
/* The next byte, or -1 while there is none. */
typedef int (*device_source_t)(void *context);

struct uart {
	device_sink_t write;  /* NULL: the port is not there */
	device_source_t read; /* NULL: nobody says anything */
	u8 line_control, scratch;
	u8 interrupt_enable; /* kept, and never acted upon */
	u16 divisor;
	u8 received;
	bool has_received;
};

struct devices {
	struct uart serial[2];
	device_sink_t results; /* NULL: the port is not there */
	void *context;
};

/* @count items of @size bytes (1, 2 or 4) lie at @data; false where nobody has the port. */
bool device_out(struct devices *devices, u16 port, unsigned int size, const void *data, u64 count);
/* Fills @data; a port that nobody has reads as all ones. */
bool device_in(struct devices *devices, u16 port, unsigned int size, void *data, u64 count);
