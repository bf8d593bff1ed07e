/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ept.h.
 */
#include "monitor/hardware/vmx/ept.h"

#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/vmx/capability.h"

#define LEVELS       4
#define RIGHTS       (EPT_R | EPT_W | EPT_X)
#define ADDRESS_MASK (bits_mask(VMX_PHYSICAL_BITS) & ~bits_mask(PAGE_SHIFT))
/* Bits 51:M, which a legal entry has not */
#define BEYOND (bits_mask(52) & ~bits_mask(VMX_PHYSICAL_BITS))
/* Of an entry that leads to a table, and of the highest level's, which has no large pages */
#define TABLE_RESERVED   0x78
#define HIGHEST_RESERVED 0xf8

static unsigned int shift_of(unsigned int level) { return PAGE_SHIFT + 9 * (level - 1); }

static u64 *entry_at(u64 table, u64 gpa, unsigned int level)
{
	return l1_host_memory(table + (gpa >> shift_of(level)) % PTE_COUNT * sizeof(u64),
			      sizeof(u64));
}

static bool is_leaf(u64 entry, unsigned int level)
{
	return level == 1 || (level < LEVELS && entry & EPT_PS);
}

/* Write without read; execute without read, which is not offered. */
static bool rights_are_legal(u64 rights) { return rights & EPT_R || !(rights & (EPT_W | EPT_X)); }

static bool type_is_legal(u64 type) { return type != 2 && type != 3 && type != 7; }

/* Of an entry that is present: 29.3.3.1 */
static bool is_misconfigured(u64 entry, unsigned int level)
{
	u64 reserved = BEYOND | (level == LEVELS ? HIGHEST_RESERVED : TABLE_RESERVED);

	if (is_leaf(entry, level))
		reserved = BEYOND | (bits_mask(shift_of(level)) & ~bits_mask(PAGE_SHIFT));
	return !rights_are_legal(entry) || entry & reserved ||
	       (is_leaf(entry, level) && !type_is_legal(bits_get(entry, 5, EPT_TYPE_SHIFT)));
}

struct step {
	u64 *at;
	u64 value;
};

/* False: L1 has changed an entry meanwhile, which is not as it was judged. */
static bool mark(const struct step *steps, unsigned int count, bool dirty)
{
	for (unsigned int i = 0; i < count; i++) {
		u64 value = steps[i].value,
		    marked = value | EPT_A | (dirty && i == count - 1 ? EPT_D : 0);

		if (marked != value &&
		    !__atomic_compare_exchange_n(steps[i].at, &value, marked, false,
						 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return false;
	}
	return true;
}

static void set_leaf(struct l1_npt_leaf *leaf, u64 entry, unsigned int level, u64 gpa, u64 allowed)
{
	u64 mask = bits_mask(shift_of(level));

	leaf->size = mask + 1;
	leaf->pa = (entry & ADDRESS_MASK & ~mask) | (gpa & mask);
	leaf->write = allowed & EPT_W;
	leaf->execute = allowed & EPT_X;
}

/* The entries on the way; their count, 0 where one is a misconfiguration. */
static unsigned int collect(u64 eptp, u64 gpa, struct step steps[LEVELS], u64 *allowed)
{
	u64 table = eptp & ADDRESS_MASK;
	unsigned int count = 0;

	*allowed = RIGHTS;
	for (unsigned int level = LEVELS;; level--) {
		struct step *s = &steps[count++];

		s->at = entry_at(table, gpa, level);
		s->value = s->at ? READ_ONCE(*s->at) : 0;
		*allowed &= s->value;
		if (!(s->value & RIGHTS))
			return count;
		if (is_misconfigured(s->value, level))
			return 0;
		if (is_leaf(s->value, level))
			return count;
		table = s->value & ADDRESS_MASK;
	}
}

enum ept_outcome ept_walk(u64 eptp, u64 gpa, struct ept_access *a, struct l1_npt_leaf *leaf)
{
	bool dirty = a->needs & EPT_W;
	struct step steps[LEVELS];
	unsigned int count;

	if (gpa >> (shift_of(LEVELS) + 9)) {
		a->allowed = 0;
		return EPT_VIOLATION;
	}
	do {
		count = collect(eptp, gpa, steps, &a->allowed);
		if (!count)
			return EPT_MISCONFIG;
		if (!a->allowed || a->needs & ~a->allowed)
			return EPT_VIOLATION;
	} while (eptp & EPTP_AD && !mark(steps, count, dirty));
	set_leaf(leaf, steps[count - 1].value, LEVELS + 1 - count, gpa, a->allowed);
	if (eptp & EPTP_AD)
		leaf->write &= dirty || steps[count - 1].value & EPT_D;
	return EPT_TRANSLATES;
}

u64 ept_qualification(const struct ept_access *a, bool has_linear, bool final)
{
	u64 q = a->needs | a->allowed << VMX_EPT_VIOLATION_RWX_SHIFT;

	if (has_linear)
		q |= VMX_EPT_VIOLATION_LINEAR;
	if (has_linear && final)
		q |= VMX_EPT_VIOLATION_FINAL;
	return q;
}
