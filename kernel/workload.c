/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds and runs the workload, and turns what it returns into the run's exit code.
 */
#include "abi/exit_code.h"
#include "early/fatal.h"
#include "kernel/cmdline.h"
#include "kernel/newlib.h"
#include "kernel/results.h"
#include "kernel/smp.h"
#include "kernel/timeline.h"
#include "kernel/workload.h"
#include "lib/format.h"
#include "lib/string.h"

#define DEFAULT_WORKLOAD "demo"

static const struct workload *running;

static const struct workload *find_workload(const char *name)
{
	for (const struct workload *w = __workloads_start; w < __workloads_end; w++)
		if (!strcmp(w->name, name))
			return w;
	return NULL;
}

static noreturn_t refuse_name(const char *name)
{
	char known[160] = "", quoted[64];
	size_t length = 0;

	for (const struct workload *w = __workloads_start; w < __workloads_end; w++)
		if (length < sizeof(known))
			length += format(known + length, sizeof(known) - length, " %s", w->name);
	exit_cannot_run("workload: there is no %s; known:%s", quote(quoted, sizeof(quoted), name),
			known);
}

noreturn_t workload_exit(int status)
{
	results_workload(running ? running->name : "", status);
	smp_shut_down();
	exit_run(status ? EXIT_CODE_FAILED : EXIT_CODE_SUCCESS);
}

noreturn_t workload_run(void)
{
	static char *default_argv[] = { DEFAULT_WORKLOAD, NULL };
	int argc;
	char **argv = cmdline_workload(&argc);

	if (!argc) {
		argc = 1;
		argv = default_argv;
	}
	running = find_workload(argv[0]);
	if (!running)
		refuse_name(argv[0]);
	if (cmdline_get("timeline"))
		timeline_print();
	newlib_exit(running->main(argc, argv));
}
