/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the road for our own bugs. CHECK() is always compiled and has no side effects inside.
 */
#pragma once

#include "abi/bits.h"
#include "lib/compiler.h"

noreturn_t panic(const char *fmt, ...) printf_like(1, 2);

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			panic("%s:%d: check failed: %s", __FILE__, __LINE__, #cond);               \
	} while (0)

/* Prints a backtrace by frame pointers from @rbp with symbols; stops at anything implausible. */
void backtrace_print(u64 rip, u64 rbp);

/*
 * Where every end begins, once: only the first processor comes back, to say why. The others wait
 * for the end that it makes; who comes again, failing on the way out, goes to panic_again().
 */
void panic_enter(const char *why);
/* Who does, its number + 1; 0: nobody. Only panic_enter() writes it. */
extern u32 panic_owner;
/* What panic() does behind panic_enter(), with the backtrace of another place: of a trap. */
noreturn_t panic_from(u64 rip, u64 rbp, const char *fmt, ...) printf_like(3, 4);

/*
 * Each program defines these: the number of this processor; what ends the machine after message
 * @why is out; the same, without a word and with less on the way, for who failed in the end that
 * @first began; whether [address, address + 16) is stack memory that a backtrace may read; and
 * whether values of registers, stack and memory may be printed, or addresses of our code only.
 */
u32 panic_processor(void);
noreturn_t panic_end(const char *why);
noreturn_t panic_again(const char *first);
bool backtrace_readable(u64 address);
bool panic_may_show_state(void);
