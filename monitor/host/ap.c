/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ap.h.
 */
#include "monitor/host/ap.h"

unsigned int ap_start_all(unsigned int cpu_count)
{
	return cpu_count - 1;
}

void ap_run_all(void (*function)(unsigned int cpu))
{
	(void)function;
}
