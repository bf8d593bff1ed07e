/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See l1_npt.h.
 */
#include "monitor/hardware/nested/l1_npt.h"

#include "abi/vmcb.h"
#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/hardware/l1/rmp.h"

/* Above the 48 bits of physical addresses: APM2 5.3.3 */
#define RESERVED (U64_C(0xf) << 48)
/* The host's own C-bit is in its entries where it encrypts itself. */
#define ADDRESS_MASK (PTE_ADDR_MASK & ~RESERVED & ~L1_ALIAS_BIT)

static unsigned int levels(void) { return l1_here()->v->vmcb->save.cr4 & CR4_LA57 ? 5 : 4; }

static unsigned int shift_of(unsigned int level) { return PAGE_SHIFT + 9 * (level - 1); }

static u64 *entry_at(u64 table, u64 gpa, unsigned int level)
{
	u64 pa = table + (gpa >> shift_of(level)) % PTE_COUNT * sizeof(u64);

	return l1_host_memory(pa, sizeof(u64));
}

/* False: L1 has changed the entry meanwhile, which is not as it was judged. */
static bool mark(u64 *entry, u64 value, u64 bits)
{
	return !(bits & ~value) || __atomic_compare_exchange_n(entry, &value, value | bits, false,
							       __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* To set A or D is a store as any of the host's is: APM2 15.36.10 */
static bool may_mark(const u64 *entry, u64 value, u64 bits, u64 *info)
{
	if (!(bits & ~value) || l1_rmp_lets_write((u64)entry))
		return true;
	*info |= NPF_P | NPF_RMP;
	return false;
}

/* Whether an entry allows the access of *@info; else adds what is wrong. */
static bool allows(u64 entry, u64 *info)
{
	if (!(entry & PTE_P))
		return false;
	if (entry & RESERVED) {
		*info |= NPF_P | NPF_RSV;
		return false;
	}
	if (entry & PTE_U && !(*info & NPF_W && !(entry & PTE_W)) &&
	    !(*info & NPF_I && entry & PTE_NX))
		return true;
	*info |= NPF_P;
	return false;
}

bool l1_npt_walk(u64 ncr3, u64 gpa, u64 *info, struct l1_npt_leaf *leaf)
{
	u64 table = ncr3 & ADDRESS_MASK;

	*leaf = (struct l1_npt_leaf){ .write = true, .execute = true };
	for (unsigned int level = levels();; level--) {
		u64 *at = entry_at(table, gpa, level);
		u64 entry = at ? READ_ONCE(*at) : 0;
		bool is_leaf = level == 1 || (level <= 3 && entry & PTE_PS);
		u64 marks = PTE_A | (is_leaf && *info & NPF_W ? PTE_D : 0);

		if (!allows(entry, info) || !may_mark(at, entry, marks, info))
			return false;
		if (!mark(at, entry, marks)) {
			level++; /* once more */
			continue;
		}
		leaf->write &= (entry & PTE_W) != 0;
		leaf->execute &= !(entry & PTE_NX);
		if (is_leaf) {
			u64 mask = bits_mask(shift_of(level));

			leaf->write &= *info & NPF_W || entry & PTE_D;
			leaf->size = mask + 1;
			leaf->pa = (entry & ADDRESS_MASK & ~mask) | (gpa & mask);
			return true;
		}
		table = entry & ADDRESS_MASK;
	}
}

struct l1_npt_run l1_npt_run(u64 ncr3, u64 gpa)
{
	struct l1_npt_run run = { .write = true, .execute = true };
	u64 table = ncr3 & ADDRESS_MASK;

	for (unsigned int level = levels(); level > 1; level--) {
		const u64 *at = entry_at(table, gpa, level);
		u64 entry = at ? READ_ONCE(*at) : 0;

		if (!(entry & PTE_P) || entry & RESERVED || !(entry & PTE_U))
			return run;
		if (level <= 3 && entry & PTE_PS) {
			run.entry = entry;
			run.size = U64_C(1) << shift_of(level);
			return run;
		}
		run.write &= (entry & PTE_W) != 0;
		run.execute &= !(entry & PTE_NX);
		table = entry & ADDRESS_MASK;
	}
	run.table = l1_host_memory(table, PAGE_SIZE);
	run.size = PAGE_SIZE;
	return run;
}

bool l1_npt_still(const struct l1_npt_run *run, u64 gpa, u64 entry, u64 size)
{
	u64 now = run->table ? READ_ONCE(run->table[gpa >> PAGE_SHIFT & (PTE_COUNT - 1)])
			     : run->entry;
	u64 offset = gpa & (run->size - 1);

	if (size > run->size || !(now & PTE_P) || now & RESERVED || !(now & PTE_U))
		return false;
	if ((entry & ADDRESS_MASK) != (now & ADDRESS_MASK & ~(run->size - 1)) + offset)
		return false;
	if (entry & PTE_W && !(run->write && now & PTE_W && now & PTE_D))
		return false;
	return entry & PTE_NX || (run->execute && !(now & PTE_NX));
}

bool l1_npt_peek(u64 ncr3, u64 gpa, u64 *pa)
{
	const struct l1_npt_run run = l1_npt_run(ncr3, gpa);
	u64 entry =
		run.table ? READ_ONCE(run.table[gpa >> PAGE_SHIFT & (PTE_COUNT - 1)]) : run.entry;

	*pa = (entry & ADDRESS_MASK & ~(run.size - 1)) | (gpa & (run.size - 1));
	return entry & PTE_P;
}
