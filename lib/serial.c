/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The 16550: its registers, and writing in bursts as large as its FIFO, so that one wait serves 16
 * characters. Spec: National Semiconductor PC16550D.
 */
#include "lib/serial.h"

#define UART_DATA 0 /* divisor low with LCR_DLAB */
#define UART_IER  1 /* divisor high with LCR_DLAB */
#define UART_FCR  2
#define UART_LCR  3
#define UART_MCR  4
#define UART_LSR  5 /* reads as LSR_ABSENT where there is no port */

#define FCR_ENABLE_AND_CLEAR 0x07
#define LCR_8N1              0x03
#define LCR_DLAB             0x80
#define MCR_DTR_RTS          0x03
#define MCR_LOOPBACK         0x10
#define LSR_DATA_READY       0x01
#define LSR_THR_EMPTY        0x20
#define LSR_ALL_SENT         0x40
#define LSR_ABSENT           0xff
#define DIVISOR_115200       1

#define FIFO_SIZE 16
#define WAIT_MAX  0xffff /* looks, as in Linux (early_serial_putc()): each may be an exit */

void serial_init(struct serial *s, const struct serial_io *io, u16 base)
{
	s->io = io;
	s->base = base;
	io->out(base + UART_IER, 0);
	io->out(base + UART_LCR, LCR_DLAB);
	io->out(base + UART_DATA, DIVISOR_115200);
	io->out(base + UART_IER, 0);
	io->out(base + UART_LCR, LCR_8N1);
	io->out(base + UART_FCR, FCR_ENABLE_AND_CLEAR);
	io->out(base + UART_MCR, MCR_DTR_RTS);
	s->is_dead = false;
}

static bool wait_for(struct serial *s, u8 status)
{
	for (int i = 0; i < WAIT_MAX; i++)
		if (s->io->in(s->base + UART_LSR) & status)
			return true;
	s->is_dead = true;
	return false;
}

void serial_write(struct serial *s, const char *text, size_t size)
{
	while (size) {
		size_t burst = size < FIFO_SIZE ? size : FIFO_SIZE;

		if (s->is_dead || !wait_for(s, LSR_THR_EMPTY))
			return;
		s->io->out_string(s->base + UART_DATA, text, burst);
		text += burst;
		size -= burst;
	}
}

void serial_write_amid(struct serial *s, const char *text, size_t size)
{
	u8 lcr = s->io->in(s->base + UART_LCR), mcr = s->io->in(s->base + UART_MCR);

	if (lcr & LCR_DLAB)
		s->io->out(s->base + UART_LCR, lcr & (u8)~LCR_DLAB);
	if (mcr & MCR_LOOPBACK)
		s->io->out(s->base + UART_MCR, mcr & (u8)~MCR_LOOPBACK);
	serial_write(s, text, size);
	if (mcr & MCR_LOOPBACK) {
		(void)(s->is_dead || wait_for(s, LSR_ALL_SENT));
		s->io->out(s->base + UART_MCR, mcr);
	}
	if (lcr & LCR_DLAB)
		s->io->out(s->base + UART_LCR, lcr);
}

int serial_read(struct serial *s)
{
	u8 status = s->io->in(s->base + UART_LSR);

	s->is_dead |= status == LSR_ABSENT;
	return s->is_dead || !(status & LSR_DATA_READY) ? -1 : s->io->in(s->base + UART_DATA);
}
