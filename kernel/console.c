/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console: the serial port through pv_ops. Also the end of a run that wants it.
 */
#include "kernel/console.h"

#include <stdarg.h>

#include "abi/exit_code.h"
#include "abi/ghcb.h"
#include "abi/sev.h"
#include "abi/x86.h"
#include "early/entry.h"
#include "early/fatal.h"
#include "early/platform.h"
#include "lib/cpu.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/serial.h"
#include "paravirt/ghcb.h"
#include "paravirt/pv_ops.h"

const char log_prefix[] = "postern";

static struct serial serial;
static bool ready;

/* An SEV-ES guest's way is its GHCB; a TD's a hook of the table, which is not there at first. */
bool console_has_way(void)
{
	if (!entry_know())
		return false;
	if (entry_record.sev_status & SEV_STATUS_SEV_ES)
		return ghcb_is_ready();
	return !entry_record.tdx || platform.name;
}

/* By the table, and no sites: a line may come from anywhere, while text changes too. */
static u8 port_in(u16 port) { return (u8)pv_ops.io_in(port, 1); }

static void port_out(u16 port, u8 value) { pv_ops.io_out(port, 1, value); }

static void port_out_string(u16 port, const void *data, size_t size)
{
	pv_ops.io_out_string(port, data, size);
}

/* What a processor has to say that has no way yet is lost: it is on its way up. */
static void console_write(const char *text, size_t size)
{
	if (console_has_way())
		serial_write(&serial, text, size);
}

void console_init(void)
{
	static const struct serial_io io = { port_in, port_out, port_out_string };

	serial_init(&serial, &io, PORT_COM1);
	log_set_console(console_write);
	ready = true;
}

void fatal_show(void)
{
	if (console_has_way() && !ready)
		console_init();
}

/* Without a port the reason code is all that can be said, or what a TD's report holds. */
noreturn_t panic_end(const char *why)
{
	cli();
	if (!console_has_way())
		fatal_end(TERM_PANIC, why);
	fatal_show();
	exit_run(EXIT_CODE_PANIC);
}

noreturn_t exit_run(unsigned int code)
{
	pv_ops.io_out(EXIT_PORT, 1, code); /* no site, since a panic may come from anywhere */
	for (;;) {
		cli();
		hlt();
	}
}

noreturn_t exit_cannot_run(const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vformat(text, sizeof(text), fmt, args);
	va_end(args);
	log_error("%s", text);
	exit_run(EXIT_CODE_CANNOT_RUN);
}
