/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event that L1 injects in place of an instruction: INT n, INT3 or INTO. It returns to NextRIP,
 * while RIP stays at the instruction; QEMU's VMRUN pushes RIP. Spec: APM2 15.20, 15.33.2 (NRIP).
 */
#pragma once

#include "monitor/hardware/nested/nested.h"

/* Before the first entry, with L2's registers and EVENTINJ as L1 has them. */
void soft_event_begin(struct nested *n, u64 next_rip);
/*
 * Behind an exit, by EXITINTINFO: what was broken off is L1's (@to_host) to inject again, with RIP
 * as it was, or is injected again.
 */
void soft_event_exit(struct nested *n, bool to_host);
