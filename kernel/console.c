/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console: the serial port through pv_ops.
 */
#include "kernel/console.h"
#include "abi/x86.h"
#include "lib/log.h"
#include "lib/serial.h"
#include "paravirt/pv_ops.h"

const char log_prefix[] = "postern";

static bool ready;

static u8 port_in(u16 port) { return (u8)pv_io_in(port, 1); }

static void port_out(u16 port, u8 value) { pv_io_out(port, 1, value); }

static void port_out_string(u16 port, const void *data, size_t size)
{
	pv_io_out_string(port, data, size);
}

void console_init(void)
{
	static const struct serial_io io = { port_in, port_out, port_out_string };

	serial_init(&io, PORT_COM1);
	log_set_console(serial_write);
	ready = true;
}

bool console_is_ready(void) { return ready; }
