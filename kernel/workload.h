/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workloads: what the guest runs once it is up, chosen on the command line. May use the C library,
 * SSE and floating point.
 */
#pragma once

#include "lib/compiler.h"

struct workload {
	const char *name;
	const char *help; /* one line */
	int (*main)(int argc, char **argv);
};

/* Registers a workload; @function returns 0 when it succeeded. argv[0] is the name. */
#define DEFINE_WORKLOAD(workload_name, one_line_help, function)                                    \
	static const struct workload workload_##function                                           \
		__attribute__((section(".workloads"), used, aligned(8))) = {                       \
			.name = workload_name, .help = one_line_help, .main = function             \
		}

extern const struct workload __workloads_start[], __workloads_end[];

/* Runs the one that the command line names, else `demo`, and ends the run. */
noreturn_t workload_run(void);

/* Ends the run of the current workload; the C library's exit() comes here. */
noreturn_t workload_exit(int status);
