/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See apic_ipi.h.
 */
#include "monitor/svm/apic_ipi.h"

#define SHORTHAND_NONE   0
#define SHORTHAND_SELF   1
#define SHORTHAND_ALL    2
#define SHORTHAND_OTHERS 3

#define DFR_FLAT(dfr) ((dfr) >> 28 == 0xf)

static bool fits_logical(const struct apic_address *cpu, u32 dest)
{
	u32 id = cpu->ldr >> 24;

	if (dest == APIC_BROADCAST)
		return true;
	if (DFR_FLAT(cpu->dfr))
		return id & dest;
	return id >> 4 == dest >> 4 && id & dest & 0xf;
}

static bool fits(const struct apic_address *cpu, u32 low, u32 dest)
{
	if (low & APIC_ICR_LOGICAL)
		return fits_logical(cpu, dest);
	return dest == APIC_BROADCAST || dest == cpu->id;
}

static bool fits_x2(const struct apic_address *cpu, u32 low, u32 dest)
{
	u32 logical = apic_logical_x2(cpu->id);

	if (dest == APIC_BROADCAST_X2)
		return true;
	if (low & APIC_ICR_LOGICAL)
		return logical >> 16 == dest >> 16 && logical & dest & 0xffff;
	return dest == cpu->id;
}

static u64 targets(u32 low, u32 dest, unsigned int self, const struct apic_address *cpus,
		   unsigned int count,
		   bool (*is_named)(const struct apic_address *cpu, u32 low, u32 dest))
{
	u64 all = bits_mask(count), named = 0;

	switch (bits_get(low, 19, 18)) {
	case SHORTHAND_SELF: return BIT(self);
	case SHORTHAND_ALL: return all;
	case SHORTHAND_OTHERS: return all & ~BIT(self);
	case SHORTHAND_NONE: break;
	}
	for (unsigned int i = 0; i < count; i++)
		if (is_named(&cpus[i], low, dest))
			named |= BIT(i);
	return named;
}

u64 apic_targets(u32 low, u32 dest, unsigned int self, const struct apic_address *cpus,
		 unsigned int count)
{
	return targets(low, dest & APIC_BROADCAST, self, cpus, count, fits);
}

u64 apic_targets_x2(u32 low, u32 dest, unsigned int self, const struct apic_address *cpus,
		    unsigned int count)
{
	return targets(low, dest, self, cpus, count, fits_x2);
}
