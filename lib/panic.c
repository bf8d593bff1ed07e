/* SPDX-License-Identifier: Apache-2.0 */
/*
 * panic() and the backtrace. Registers of a trap are the trap code's to print before it calls.
 */
#include <stdarg.h>

#include "lib/format.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/symbols.h"

#define BACKTRACE_DEPTH_MAX 24
#define PANIC_TEXT_SIZE     256
#define WAIT_MAX            1000000000L /* pauses, for the end of the machine */

/* False where it is no code of ours, and so a value that is nobody's business. */
static bool print_frame(u64 address)
{
	u64 offset = 0;
	const char *name = symbol_lookup(address, &offset);

	if (name)
		log_error("  %#lx %s+%#lx", address, name, offset);
	else if (panic_may_show_state())
		log_error("  %#lx", address);
	else
		log_error("  no code of ours");
	return name || panic_may_show_state();
}

void backtrace_print(u64 rip, u64 rbp)
{
	log_error("backtrace:");
	if (!print_frame(rip))
		return;
	for (int depth = 1; depth < BACKTRACE_DEPTH_MAX; depth++) {
		const u64 *frame = (const u64 *)(uintptr_t)rbp;

		if (rbp % sizeof(u64) || !backtrace_readable(rbp) || !frame[1])
			return;
		/* A return address points behind its call, which may be another function. */
		if (!print_frame(frame[1] - 1) || frame[0] <= rbp)
			return;
		rbp = frame[0];
	}
}

u32 panic_owner;
static const char *panic_first; /* why */

void panic_enter(const char *why)
{
	u32 nobody = 0, own = panic_processor() + 1;

	if (__atomic_compare_exchange_n(&panic_owner, &nobody, own, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE)) {
		panic_first = why;
		return;
	}
	for (long i = 0; nobody != own && i < WAIT_MAX; i++)
		__builtin_ia32_pause();
	panic_again(panic_first ? panic_first : why);
}

static noreturn_t say(u64 rip, u64 rbp, const char *text)
{
	log_error("panic: %s", text);
	backtrace_print(rip, rbp);
	panic_end(text);
}

noreturn_t panic_from(u64 rip, u64 rbp, const char *fmt, ...)
{
	char text[PANIC_TEXT_SIZE];
	va_list args;

	va_start(args, fmt);
	vformat(text, sizeof(text), fmt, args);
	va_end(args);
	say(rip, rbp, text);
}

noreturn_t panic(const char *fmt, ...)
{
	char text[PANIC_TEXT_SIZE];
	va_list args;

	va_start(args, fmt);
	vformat(text, sizeof(text), fmt, args);
	va_end(args);
	panic_enter(text);
	say((u64)(uintptr_t)__builtin_return_address(0) - 1, *(u64 *)__builtin_frame_address(0),
	    text);
}
