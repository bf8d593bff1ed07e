/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways in which the monitor ends the guest: one printed line each, then the exit code.
 */
#pragma once

#include "lib/compiler.h"
#include "monitor/svm/vcpu.h"
#include "monitor/svm/violation.h"

/* `monitor: violation <name>: <sentence> <key=value ...>`, the same as an event; status 4. */
noreturn_t stop_violation(struct vcpu *v, enum violation violation, const char *fmt, ...)
	printf_like(3, 4);
/* The guest asked for it by the GHCB protocol; status 3. */
noreturn_t stop_terminated(struct vcpu *v, unsigned int set, unsigned int code);
/* The guest asked for it by ReportFatalError, with its message; status 3. */
noreturn_t stop_fatal(struct vcpu *v, u64 code, const char *message);
/*
 * The guest cannot go on (shutdown, an exit with no meaning), with its registers; status 5. What
 * runs below L1 is L1's to end: v->crashed.
 */
noreturn_t stop_crashed(struct vcpu *v, const char *why);
