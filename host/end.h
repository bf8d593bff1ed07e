/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the run ends: the first who says so decides, whichever thread it is.
 * Spec: docs/architecture.md, exit statuses; abi/exit_code.h.
 */
#pragma once

#include "abi/bits.h"
#include "lib/compiler.h"

enum end_status {
	END_SUCCESS,
	END_FAILED,
	END_CANNOT_RUN,
	END_TERMINATED,
	END_VIOLATION,
	END_CRASH,
	END_TIMEOUT = 124,
	END_BY_SIGNAL = 128, /* and the signal's number: it was told to stop */
};

/*
 * This thread will wait: before there are others, so that a signal that is to stop the run comes to
 * it, and the outputs are finished.
 */
void end_init(void);

/* The sentence goes to standard error, if it is not "". */
void end_run(enum end_status status, const char *fmt, ...) printf_like(2, 3);
/* A sentence that does not end it. */
void end_note(const char *fmt, ...) printf_like(1, 2);
/* What the guest wrote to the exit port. */
void end_by_port(unsigned int code);
bool end_is_set(void);
/* Waits until somebody ends the run, or @seconds are over (0: for ever); returns the status. */
enum end_status end_wait(unsigned int seconds);
