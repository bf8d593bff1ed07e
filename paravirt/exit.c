/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See exit.h.
 */
#include "paravirt/exit.h"

#include <stdarg.h>

#include "abi/exit_code.h"
#include "lib/cpu.h"
#include "lib/format.h"
#include "lib/log.h"
#include "paravirt/pv_ops.h"

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
