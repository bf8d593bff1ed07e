/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all types of VM with a guest_memfd have in common.
 */
#pragma once

#include "host/vm_type.h"

/* Operations, for the tables. */
int private_memory_add(struct machine *machine, unsigned int slot, struct why *why);
s64 private_convert(struct machine *machine, const struct gpa_range *range);

/* Makes all memory from @shared_end on private; its shared side keeps what it holds. */
must_check int private_from(struct machine *machine, u64 shared_end, struct why *why);
/* Gives back what the shared side of private memory still holds, once it was copied. */
void private_drop_shared(struct machine *machine);
