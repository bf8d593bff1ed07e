/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks an instruction up in the fixup table that the linker gathered. Linear: the table has a few
 * dozen entries and is read on faults only.
 */
#include "lib/extable.h"

extern const struct extable_entry __extable_start[], __extable_end[];

static u64 relative(const s32 *field) { return (u64)(uintptr_t)field + (u64)(s64)*field; }

u64 extable_find(u64 rip)
{
	for (const struct extable_entry *e = __extable_start; e < __extable_end; e++)
		if (relative(&e->insn) == rip)
			return relative(&e->fixup);
	return 0;
}
