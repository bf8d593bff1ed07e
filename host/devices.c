/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See devices.h.
 */
#include "host/devices.h"

#include <string.h>

#include "abi/exit_code.h"

#define UART_DATA    0 /* divisor low with LCR_DLAB */
#define UART_IER     1 /* divisor high with LCR_DLAB */
#define UART_IIR     2
#define UART_LCR     3
#define UART_LSR     5
#define UART_MSR     6
#define UART_SCRATCH 7

#define LCR_DLAB        0x80
#define IIR_NO_PENDING  0x01
#define LSR_DATA_READY  0x01
#define LSR_EMPTY       0x60 /* transmitter and holding register */
#define MSR_CTS_DSR_DCD 0xb0

static void serial_out(struct uart *u, void *context, unsigned int reg, u8 value)
{
	bool latch = u->line_control & LCR_DLAB;

	switch (reg) {
	case UART_DATA:
		if (latch)
			u->divisor = (u16)((u->divisor & 0xff00) | value);
		else
			u->write(context, &value, 1);
		break;
	case UART_IER:
		if (latch)
			u->divisor = (u16)((u->divisor & 0xff) | value << 8);
		else
			u->interrupt_enable = value & 0xf;
		break;
	case UART_LCR: u->line_control = value; break;
	case UART_SCRATCH: u->scratch = value; break;
	default: break;
	}
}

static u8 line_status(struct uart *u, void *context)
{
	int byte = u->read && !u->has_received ? u->read(context) : -1;

	if (byte >= 0) {
		u->received = (u8)byte;
		u->has_received = true;
	}
	return (u8)(LSR_EMPTY | (u->has_received ? LSR_DATA_READY : 0));
}

static u8 take_received(struct uart *u)
{
	u8 byte = u->has_received ? u->received : 0;

	u->has_received = false;
	return byte;
}

static u8 serial_in(struct uart *u, void *context, unsigned int reg)
{
	bool latch = u->line_control & LCR_DLAB;

	switch (reg) {
	case UART_DATA: return latch ? (u8)u->divisor : take_received(u);
	case UART_IER: return latch ? (u8)(u->divisor >> 8) : u->interrupt_enable;
	case UART_IIR: return IIR_NO_PENDING;
	case UART_LCR: return u->line_control;
	case UART_LSR: return line_status(u, context);
	case UART_MSR: return MSR_CTS_DSR_DCD;
	case UART_SCRATCH: return u->scratch;
	default: return 0;
	}
}

/* The serial port of which @port is a register; NULL: of none. */
static struct uart *find_serial(struct devices *d, u16 port)
{
	struct uart *u = port >= PORT_SERIAL ? &d->serial[0] : &d->serial[1];
	unsigned int base = port >= PORT_SERIAL ? PORT_SERIAL : PORT_SERIAL_2;

	return port >= base && port - base < SERIAL_COUNT && u->write ? u : NULL;
}

bool device_out(struct devices *d, u16 port, unsigned int size, const void *data, u64 count)
{
	const u8 *bytes = data;
	struct uart *u;

	if (size != 1)
		return false;
	if (port == PORT_RESULTS && d->results) {
		d->results(d->context, data, count);
		return true;
	}
	u = find_serial(d, port);
	if (!u)
		return false;
	if (port % SERIAL_COUNT == UART_DATA && !(u->line_control & LCR_DLAB)) {
		u->write(d->context, data, count);
		return true;
	}
	for (u64 i = 0; i < count; i++)
		serial_out(u, d->context, port % SERIAL_COUNT, bytes[i]);
	return true;
}

/* A port of one byte, or -1. */
static int byte_in(struct devices *d, u16 port)
{
	struct uart *u = find_serial(d, port);

	if (u)
		return serial_in(u, d->context, port % SERIAL_COUNT);
	return port == PORT_RESULTS && d->results ? DEBUGCON_PRESENT : -1;
}

bool device_in(struct devices *d, u16 port, unsigned int size, void *data, u64 count)
{
	u8 *bytes = data;
	int value = -1;

	if (size != 1)
		memset(data, 0xff, size * count);
	for (u64 i = 0; size == 1 && i < count; i++) {
		value = byte_in(d, port);
		bytes[i] = (u8)value;
	}
	return value >= 0;
}
