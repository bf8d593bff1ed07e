/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One processor: made, and its registers. Running it is host/run.h.
 */
#pragma once

#include "host/machine.h"

/* All of the machine's processors, or none: an error undoes what it had made. */
must_check int vcpus_create(struct machine *machine, struct why *why);
void vcpus_release(struct machine *machine);
