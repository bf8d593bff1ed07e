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
#define WAIT_MAX            1000000000L /* pauses, for the end of the machine */

static void print_frame(u64 address)
{
	u64 offset = 0;
	const char *name = symbol_lookup(address, &offset);

	if (name)
		log_error("  %#lx %s+%#lx", address, name, offset);
	else
		log_error("  %#lx", address);
}

void backtrace_print(u64 rip, u64 rbp)
{
	log_error("backtrace:");
	print_frame(rip);
	for (int depth = 1; depth < BACKTRACE_DEPTH_MAX; depth++) {
		const u64 *frame = (const u64 *)(uintptr_t)rbp;

		if (rbp % sizeof(u64) || !backtrace_readable(rbp) || !frame[1])
			return;
		/* A return address points behind its call, which may be another function. */
		print_frame(frame[1] - 1);
		if (frame[0] <= rbp)
			return;
		rbp = frame[0];
	}
}

void panic_enter(u32 *owner, const char *why)
{
	u32 nobody = 0, own = panic_processor() + 1;

	if (__atomic_compare_exchange_n(owner, &nobody, own, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		return;
	for (long i = 0; nobody != own && i < WAIT_MAX; i++)
		__builtin_ia32_pause();
	panic_end(why);
}

static noreturn_t panic_with(u64 rip, u64 rbp, const char *fmt, va_list args)
{
	static u32 owner;
	char text[256];

	vformat(text, sizeof(text), fmt, args);
	panic_enter(&owner, text);
	log_error("panic: %s", text);
	backtrace_print(rip, rbp);
	panic_end(text);
}

noreturn_t panic_at(u64 rip, u64 rbp, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	panic_with(rip, rbp, fmt, args);
}

noreturn_t panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	panic_with((u64)(uintptr_t)__builtin_return_address(0) - 1,
		   *(u64 *)__builtin_frame_address(0), fmt, args);
}
