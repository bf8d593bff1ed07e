/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread for each processor.
 */
#pragma once

#include "host/machine.h"

/* Starts all threads; they wait. An error ends those that started. */
must_check int run_start(struct machine *machine, struct why *why);
/* Lets them into the guest. */
void run_release(void);
/* Gets them out of the guest and waits for their end; once the run has ended. */
void run_stop(struct machine *machine);
