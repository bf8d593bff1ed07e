/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the road for our own bugs. CHECK() is always compiled and has no side effects inside.
 */
#pragma once

#include "abi/bits.h"
#include "lib/compiler.h"

noreturn_t panic(const char *fmt, ...) printf_like(1, 2);
/* The same with the backtrace of another place: of a trap. */
noreturn_t panic_at(u64 rip, u64 rbp, const char *fmt, ...) printf_like(3, 4);

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			panic("%s:%d: check failed: %s", __FILE__, __LINE__, #cond);               \
	} while (0)

/* Prints a backtrace by frame pointers from @rbp with symbols; stops at anything implausible. */
void backtrace_print(u64 rip, u64 rbp);

/*
 * Of those who ask by the same *@owner, 0 at first, only the first processor comes back. The others
 * wait for the end that it makes; who asks again, for a panic in its panic, makes it at once.
 */
void panic_enter(u32 *owner, const char *why);

/*
 * Each program defines these: the number of this processor, what ends the machine after message
 * @why is out, and whether [address, address + 16) is stack memory that a backtrace may read.
 */
u32 panic_processor(void);
noreturn_t panic_end(const char *why);
bool backtrace_readable(u64 address);
