/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports of L2: L1's permission map says which exit, and what it leaves to L2 is what L1 has itself:
 * devices that are played, or the machine's. Spec: APM2 15.10.
 * Does not: string I/O with a port that L1 leaves to its guest, which shuts down.
 */
#pragma once

#include "monitor/hardware/nested/nested.h"

/* Our own map: all exit. */
const void *nested_iopm_new(void);

/* An IOIO exit; true: it is L1's. */
bool nested_port(struct nested *n);
