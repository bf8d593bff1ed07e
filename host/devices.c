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
#define LSR_EMPTY       0x60 /* transmitter and holding register */
#define MSR_CTS_DSR_DCD 0xb0

static void serial_out(struct devices *d, unsigned int reg, u8 value)
{
	bool latch = d->line_control & LCR_DLAB;

	switch (reg) {
	case UART_DATA:
		if (latch)
			d->divisor = (u16)((d->divisor & 0xff00) | value);
		else
			d->console(d->context, &value, 1);
		break;
	case UART_IER:
		if (latch)
			d->divisor = (u16)((d->divisor & 0xff) | value << 8);
		else
			d->interrupt_enable = value & 0xf;
		break;
	case UART_LCR: d->line_control = value; break;
	case UART_SCRATCH: d->scratch = value; break;
	default: break;
	}
}

static u8 serial_in(const struct devices *d, unsigned int reg)
{
	bool latch = d->line_control & LCR_DLAB;

	switch (reg) {
	case UART_DATA: return latch ? (u8)d->divisor : 0;
	case UART_IER: return latch ? (u8)(d->divisor >> 8) : d->interrupt_enable;
	case UART_IIR: return IIR_NO_PENDING;
	case UART_LCR: return d->line_control;
	case UART_LSR: return LSR_EMPTY;
	case UART_MSR: return MSR_CTS_DSR_DCD;
	case UART_SCRATCH: return d->scratch;
	default: return 0;
	}
}

static bool is_serial(u16 port) { return port - PORT_SERIAL < SERIAL_COUNT && port >= PORT_SERIAL; }

bool device_out(struct devices *d, u16 port, unsigned int size, const void *data, u64 count)
{
	const u8 *bytes = data;

	if (size != 1)
		return false;
	if (port == PORT_RESULTS && d->results) {
		d->results(d->context, data, count);
		return true;
	}
	if (!is_serial(port))
		return false;
	if (port == PORT_SERIAL && !(d->line_control & LCR_DLAB)) {
		d->console(d->context, data, count);
		return true;
	}
	for (u64 i = 0; i < count; i++)
		serial_out(d, port - PORT_SERIAL, bytes[i]);
	return true;
}

bool device_in(struct devices *d, u16 port, unsigned int size, void *data, u64 count)
{
	bool known = true;
	u8 value = 0xff;

	if (size == 1 && is_serial(port))
		value = serial_in(d, port - PORT_SERIAL);
	else if (size == 1 && port == PORT_RESULTS && d->results)
		value = DEBUGCON_PRESENT;
	else
		known = false;
	if (size * count == 1)
		*(u8 *)data = value; /* as nearly always */
	else
		memset(data, value, size * count);
	return known;
}
