/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversions of memory between private and shared, all or nothing, and giving memory back.
 *
 * Three things that are kept apart:
 *   to convert   KVM maps the other side from now on; nobody's memory goes away
 *   to give back the side that the guest does not see loses its memory: a hole is punched
 *   to release   the end of the VM: host/memory.h
 * A side is empty when the guest comes to see it: what it held before is given back first.
 */
#pragma once

#include "host/hypercall.h"
#include "host/options.h"

/*
 * @range, which lies in one slot with private memory. With POLICY_PUNCH the other side's memory is
 * given back afterwards; should that fail, it is when it would be seen again.
 * 0; -E_AGAIN: it failed, and all is as before; -E_IO: it failed and could not be undone, @why and
 * the slot's bitmap say how far it came.
 */
must_check int convert_range(struct memory *memory, int vm, const struct gpa_range *range,
			     enum policy_other_side policy, struct why *why);

/* Whether [@gpa, + @size) is the guest's, and could be the one or the other. */
bool convert_can(const struct memory *memory, u64 gpa, u64 size);
/* Whether the guest sees all of [@gpa, + @size), which lies in one slot, as @private. */
bool convert_is(const struct memory *memory, u64 gpa, u64 size, bool private);

/* All memory that one side of a slot holds and the guest does not see; what fails is kept. */
void convert_give_back(struct memory *memory, const struct memory_slot *slot);
