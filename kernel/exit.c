/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the run.
 */
#include <stdarg.h>

#include "abi/exit_code.h"
#include "abi/ghcb.h"
#include "early/platform.h"
#include "early/stacks.h"
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

/* Without a way to the port, the reason code is all that can be said. */
noreturn_t panic_end(void)
{
	cli();
	if (cc_has(CC_GHCB) && !ghcb_is_ready())
		pv_terminate(GHCB_TERM_PANIC);
	if (!console_is_ready())
		console_init(); /* the lines that nobody saw yet */
	exit_run(EXIT_CODE_PANIC);
}

bool backtrace_readable(u64 address) { return stack_contains(address, 2 * sizeof(u64)); }
