/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines of guest and monitor. Until a console is given, lines wait in a buffer: as an SNP
 * guest nothing can be printed before the GHCB is shared.
 */
#pragma once

#include "abi/bits.h"
#include "lib/compiler.h"

/* Writes @size bytes; called with the lines kept so far when it is installed. */
typedef void (*log_console_t)(const char *text, size_t size);

void log_set_console(log_console_t console);
/* Stops or resumes lines of log_info(); log_error() and log_raw() always appear. */
void log_set_quiet(int quiet);

/* A line "<prefix>: <text>\n", '?' in place of what is no printable ASCII. */
void log_info(const char *fmt, ...) printf_like(1, 2);
void log_error(const char *fmt, ...) printf_like(1, 2);
/* Bytes as they are, for stdio. */
void log_raw(const char *text, size_t size);

/* Each program defines it: "postern" or "monitor". */
extern const char log_prefix[];
