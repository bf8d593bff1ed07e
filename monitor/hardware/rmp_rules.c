/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PVALIDATE and RMPADJUST of one entry: see rmp_rules.h.
 */
#include "monitor/hardware/rmp_rules.h"

_Static_assert(PVALIDATE_FAIL_INPUT == RMPADJUST_FAIL_INPUT, "one check for both");
_Static_assert(PVALIDATE_FAIL_SIZEMISMATCH == RMPADJUST_FAIL_SIZEMISMATCH, "one for both");

/* What both have in common: false, and @change says why nothing is to be done. */
static bool check(u32 entry, u64 gpa, u64 size, bool busy, struct rmp_change *change)
{
	if (!rmp_rule_operand(gpa, size))
		change->status = PVALIDATE_FAIL_INPUT;
	else if (!(entry & RMP_ASSIGNED) || entry & RMP_IMMUTABLE)
		change->fault = RMP_FAULT_UNASSIGNED;
	else if (busy)
		change->fault = RMP_FAULT_IN_USE;
	else if (size == RMP_PG_SIZE_2M && !(entry & RMP_LARGE))
		change->status = PVALIDATE_FAIL_SIZEMISMATCH;
	return !change->status && !change->fault;
}

static enum rmp_fault size_fault(u32 entry, u64 size)
{
	return size == RMP_PG_SIZE_4K && entry & RMP_LARGE ? RMP_FAULT_SIZE : RMP_FAULT_NONE;
}

struct rmp_change rmp_rule_pvalidate(u32 entry, u64 gpa, u64 size, bool busy, bool validate)
{
	struct rmp_change change = { 0 };

	if (!check(entry, gpa, size, busy, &change))
		return change;
	change.fault = size_fault(entry, size);
	change.unchanged = validate == !!(entry & RMP_VALIDATED);
	change.clear = RMP_VALIDATED;
	change.set = validate ? RMP_VALIDATED : 0;
	return change;
}

static u32 adjust_status(u32 entry, unsigned int vmpl, u64 attributes)
{
	unsigned int target = bits_get(attributes, 7, 0);
	u32 granted = bits_get(attributes, 15, 8);

	if (attributes >> 17 || target >= VMPL_COUNT || granted & ~RMP_PERM_ALL)
		return RMPADJUST_FAIL_INPUT;
	if (target <= vmpl || granted & ~rmp_permissions(entry, vmpl) ||
	    (attributes & RMPADJUST_VMSA && vmpl))
		return RMPADJUST_FAIL_PERMISSION;
	return RMPADJUST_SUCCESS;
}

struct rmp_change rmp_rule_adjust(u32 entry, u64 gpa, u64 size, bool busy, unsigned int vmpl,
				  u64 attributes)
{
	unsigned int target = bits_get(attributes, 7, 0);
	u32 granted = bits_get(attributes, 15, 8);
	struct rmp_change change = { 0 };

	if (!check(entry, gpa, size, busy, &change))
		return change;
	if (!(entry & RMP_VALIDATED)) {
		change.fault = RMP_FAULT_NOT_VALIDATED;
		return change;
	}
	change.status = adjust_status(entry, vmpl, attributes);
	if (change.status)
		return change;
	change.fault = size_fault(entry, size);
	change.clear = (RMP_PERM_ALL << RMP_VMPL_SHIFT(target)) | RMP_VMSA;
	change.set =
		granted << RMP_VMPL_SHIFT(target) | (attributes & RMPADJUST_VMSA ? RMP_VMSA : 0);
	return change;
}
