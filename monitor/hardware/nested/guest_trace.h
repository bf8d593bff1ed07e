/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What L2 asked of L1, and what it was answered, as lines of the transcript in the form in which
 * our own host's answers stand there. A line is written when L1 enters the guest again.
 * A guest's processors are numbered from its ASID times 100, in the order of their first entry.
 * Nothing else depends on it: it reads what the guest shows its host, and a frame that was kept as
 * the guest has it is kept as the host has it then.
 */
#pragma once

#include "monitor/hardware/nested/nested.h"

/* An exit goes to L1, or L1 enters the guest, whose state is loaded. */
void nested_trace_exit(struct nested *n);
void nested_trace_entry(struct nested *n);

/* The guest of @asid is another one. */
void nested_trace_forget(u32 asid);
