/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written amid another program's use of the port arrives whole, be it in loopback, or at
 * the divisor, and leaves both as they were; a port that is never ready, too.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../lib/serial.c"

#define BASE 0x3f8

static struct {
	u8 lcr, mcr, divisor;
	bool is_stuck;
	unsigned int unsent; /* characters that are still on their way */
	char line[64];
	size_t length;
} uart;

/* One is sent with each look at the status; in loopback it goes nowhere. */
static u8 in(u16 port)
{
	switch (port - BASE) {
	case UART_LCR: return uart.lcr;
	case UART_MCR: return uart.mcr;
	case UART_LSR:
		uart.unsent -= uart.unsent != 0;
		return uart.is_stuck ? 0 : LSR_THR_EMPTY | (uart.unsent ? 0 : LSR_ALL_SENT);
	default: return 0;
	}
}

static void out(u16 port, u8 value)
{
	switch (port - BASE) {
	case UART_LCR: uart.lcr = value; break;
	case UART_MCR:
		if (value & MCR_LOOPBACK)
			uart.length -= uart.unsent;
		uart.mcr = value;
		break;
	case UART_DATA:
		if (uart.lcr & LCR_DLAB) {
			uart.divisor = value;
		} else if (!(uart.mcr & MCR_LOOPBACK)) {
			uart.line[uart.length++] = (char)value;
			uart.unsent++;
		}
		break;
	default: break;
	}
}

static void out_string(u16 port, const void *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out(port, ((const u8 *)data)[i]);
}

static void write_amid(u8 lcr, u8 mcr, bool is_stuck)
{
	static const struct serial_io io = { in, out, out_string };
	static const char text[] = "twenty characters, and more";
	struct serial serial;

	memset(&uart, 0, sizeof(uart));
	serial_init(&serial, &io, BASE);
	uart.lcr = lcr;
	uart.mcr = mcr;
	uart.divisor = 12;
	uart.is_stuck = is_stuck;
	serial_write_amid(&serial, text, strlen(text));
	assert(uart.lcr == lcr && uart.mcr == mcr && uart.divisor == 12);
	assert(serial.is_dead == is_stuck);
	assert(uart.length == (is_stuck ? 0 : strlen(text)));
	assert(!memcmp(uart.line, text, uart.length));
}

int main(void)
{
	for (int stuck = 0; stuck < 2; stuck++) {
		write_amid(LCR_8N1, MCR_DTR_RTS, stuck);
		write_amid(LCR_8N1 | LCR_DLAB, MCR_DTR_RTS, stuck);
		write_amid(LCR_8N1, MCR_DTR_RTS | MCR_LOOPBACK, stuck);
		write_amid(LCR_8N1 | LCR_DLAB, MCR_LOOPBACK, stuck);
	}
	return 0;
}
