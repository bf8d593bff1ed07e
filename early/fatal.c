/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See fatal.h. Spec: GHCB 2.3.1 (termination), GHCI 3.4 (TDG.VP.VMCALL<ReportFatalError>).
 */
#include "early/fatal.h"

#include <stdarg.h>

#include "abi/exit_code.h"
#include "abi/ghcb.h"
#include "abi/sev.h"
#include "early/entry.h"
#include "early/ghcb_msr.h"
#include "early/percpu.h"
#include "early/tdx.h"
#include "lib/cpu.h"
#include "lib/format.h"
#include "lib/log.h"
#include "lib/panic.h"

/* Why it ends, for who fails on the way; a panic, unless fatal() was first. */
static unsigned int first_reason = TERM_PANIC;
static u32 steps;

/* HLT in a TD is one more exception. */
static noreturn_t stop(void)
{
	cli();
	for (;;) {
		if (entry_record.tdx || !entry_record.is_known)
			cpu_relax();
		else
			hlt();
	}
}

/* Comes back where there is no protocol. */
static void end_by_protocol(unsigned int reason, const char *why)
{
	(void)entry_know();
	if (entry_record.sev_status & SEV_STATUS_SEV_ES)
		ghcb_msr_terminate(GHCB_TERM_SET_POSTERN, reason);
	while (entry_record.tdx && !tdx_report_fatal(reason, why))
		cpu_relax(); /* as in Linux: a host that goes on is told again */
}

__cold __attribute__((preserve_most)) void fatal_give_way_to_owner(void)
{
	if (READ_ONCE(panic_owner) != panic_processor() + 1)
		stop();
}

noreturn_t fatal_end(unsigned int reason, const char *why)
{
	u32 step = __atomic_fetch_add(&steps, 1, __ATOMIC_RELAXED);

	cli();
	if (step == 0)
		end_by_protocol(reason, why);
	if (step <= 1)
		outb(EXIT_PORT, reason == TERM_PANIC ? EXIT_CODE_PANIC : EXIT_CODE_TERMINATED);
	stop();
}

noreturn_t fatal(unsigned int reason, const char *fmt, ...)
{
	char text[256];
	va_list args;

	cli();
	va_start(args, fmt);
	vformat(text, sizeof(text), fmt, args);
	va_end(args);
	panic_enter(text);
	first_reason = reason;
	log_error("%s (reason %u)", text, reason);
	fatal_show();
	fatal_end(reason, text);
}

noreturn_t panic_again(const char *first) { fatal_end(first_reason, first); }

bool panic_may_show_state(void)
{
	return fatal_shows_state ||
	       (entry_know() && !(entry_record.tdx || entry_record.sev_status & SEV_STATUS_SEV_ES));
}

u32 panic_processor(void) { return cpu_index(); }

bool backtrace_readable(u64 address) { return stack_contains(address, 2 * sizeof(u64)); }
