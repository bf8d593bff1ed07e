/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one end of a guest that goes on no longer, from any depth and before any platform is known:
 * for what a host must not do here, for panics and for traps. It cannot recurse. Who fails on the
 * way out, at whatever (a port that the host refuses, a trap in the log, an event that the host
 * injects), takes the next step down and never one of those before:
 *
 *   a sentence on the console | the protocol's own end, in registers only | the exit port | nothing
 *
 * What it prints is for the host to read: lib/panic.h says what that may be.
 */
#pragma once

#include "abi/bits.h"
#include "lib/compiler.h"
#include "lib/panic.h"

/* Says the sentence, and ends by protocol with @reason, a GHCB_TERM_ code of set Postern. */
noreturn_t fatal(unsigned int reason, const char *fmt, ...) printf_like(2, 3);
/* From the protocol's end on: for who has said it, or must not. A TD's report has @why. */
noreturn_t fatal_end(unsigned int reason, const char *why);

/*
 * Before each request to a host that is not trusted, and while another processor is waited for: one
 * that does not end the guest while another does goes no further, also where the host does not hear
 * of the end, or takes no notice.
 */
void fatal_give_way_to_owner(void) __attribute__((preserve_most)); /* its callers keep no frame */
static inline void fatal_give_way(void)
{
	if (__builtin_expect(READ_ONCE(panic_owner), 0))
		fatal_give_way_to_owner();
}

/*
 * Defined above this floor: lines that still wait come out, where there is a way for them yet. May
 * fail on the way, and then does not come back.
 */
void fatal_show(void);
/* Also above: the end of a run whose way out is the host's port; @code is an EXIT_CODE_*. */
noreturn_t exit_run(unsigned int code);
/* Prints the sentence and ends with EXIT_CODE_CANNOT_RUN. */
noreturn_t exit_cannot_run(const char *fmt, ...) printf_like(1, 2);

/* Of the image, and so of its measurement: a guest with hidden state prints it all the same. */
extern const bool fatal_shows_state;
