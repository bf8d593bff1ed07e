/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the run.
 */
#include <stdarg.h>

#include "abi/exit_code.h"
#include "abi/ghcb.h"
#include "abi/sev.h"
#include "early/entry.h"
#include "early/fatal.h"
#include "early/platform.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "lib/cpu.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "paravirt/ghcb.h"
#include "paravirt/pv_ops.h"

noreturn_t exit_run(unsigned int code)
{
	pv_io_out(EXIT_PORT, 1, code);
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

/* An SEV-ES guest's way is its GHCB; a TD's a hook of the table, which is not there at first. */
static bool has_ports(void)
{
	if (entry_record.sev_status & SEV_STATUS_SEV_ES)
		return ghcb_is_ready();
	return !entry_record.tdx || platform.name;
}

void fatal_show(void)
{
	if (has_ports() && !console_is_ready())
		console_init();
}

/* Without a port the reason code is all that can be said, or what a TD's report holds. */
noreturn_t panic_end(const char *why)
{
	cli();
	if (!has_ports())
		fatal_end(GHCB_TERM_PANIC, why);
	fatal_show();
	exit_run(EXIT_CODE_PANIC);
}
