/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for another processor that has to do something at once: a TLB flush, a step of the boot.
 * Whether it runs is the host's to say. That it does not is said once; a guest that can neither go
 * on without it nor ask for it ends, some minutes later, reason 16.
 */
#pragma once

#include "lib/patience.h"

/* A PAUSE, and one look more at processor @cpu, which @does not: "does not flush its TLB". */
void patience_look(struct patience *p, unsigned int cpu, const char *does_not);
