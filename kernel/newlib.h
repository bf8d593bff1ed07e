/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C library as the rest of the kernel sees it.
 */
#pragma once

#include "lib/compiler.h"

/* exit(): what atexit() left, flushes stdio, then calls workload_exit(). */
noreturn_t newlib_exit(int status);
