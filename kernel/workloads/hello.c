/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest workload: one line.
 */
#include <stdio.h>

#include "early/platform.h"
#include "kernel/workload.h"

static int hello(int argc, char **argv)
{
	(void)argc, (void)argv;
	printf("hello from %s%s\n", platform.name, platform.emulated ? " (emulated)" : "");
	return 0;
}

DEFINE_WORKLOAD("hello", "prints one line", hello);
