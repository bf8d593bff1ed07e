/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the run.
 */
#include <stdarg.h>

#include "abi/exit_code.h"
#include "abi/ghcb.h"
#include "abi/sev.h"
#include "early/entry.h"
#include "early/ghcb_msr.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "early/tdx.h"
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

/*
 * Without a way to the port, the reason code is all that can be said, or what a TD's report holds.
 * That may be before the platform is known: the entry's record tells.
 */
noreturn_t panic_end(const char *why)
{
	cli();
	if (entry_record.sev_status & SEV_STATUS_SEV_ES && !ghcb_is_ready())
		ghcb_terminate(GHCB_TERM_PANIC);
	if (entry_record.tdx && !platform.name)
		tdx_fatal(GHCB_TERM_PANIC, "%s", why);
	if (!console_is_ready())
		console_init(); /* the lines that nobody saw yet */
	exit_run(EXIT_CODE_PANIC);
}

u32 panic_processor(void) { return cpu_index(); }

bool backtrace_readable(u64 address) { return stack_contains(address, 2 * sizeof(u64)); }
