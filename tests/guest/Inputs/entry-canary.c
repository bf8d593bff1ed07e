/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what the entry and the first C code compared.
 */
#include <stdio.h>

#include "kernel/workload.h"

extern unsigned long cbit_canary, early_canary;

static int test(int argc, char **argv)
{
	(void)argc, (void)argv;
	printf("first canary %lx, second %lx\n", cbit_canary, early_canary);
	return 0;
}

DEFINE_WORKLOAD("test", "the canaries of the entry", test);
