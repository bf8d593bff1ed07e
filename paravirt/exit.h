/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of the run, by QEMU's isa-debug-exit port.
 */
#pragma once

#include "lib/compiler.h"

/* @code is an EXIT_CODE_*. */
noreturn_t exit_run(unsigned int code);
/* Prints the sentence and ends with EXIT_CODE_CANNOT_RUN. */
noreturn_t exit_cannot_run(const char *fmt, ...) printf_like(1, 2);
