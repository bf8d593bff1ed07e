/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See x2apic.h. Does not: ids above 7, whose logical id the xAPIC's flat model has no bit for.
 */
#include "monitor/svm/x2apic.h"

#include "abi/tdx.h"
#include "abi/x86.h"

#define REG_VERSION  0x030
#define REG_LDR      0x0d0
#define REG_DFR      0x0e0
#define REG_SELF_IPI 0x3f0
#define REG_END      0x400
#define DFR_FLAT     0xffffffff
#define ICR_SELF     0x40000
#define ICR_BUSY     0x1000

static volatile u32 *reg(u32 offset) { return (volatile u32 *)(APIC_BASE_DEFAULT + (u64)offset); }

void x2apic_init(u32 apic_id)
{
	*reg(REG_DFR) = DFR_FLAT;
	*reg(REG_LDR) = BIT(apic_id) << 24;
}

static u32 offset_of(u32 msr) { return (msr - MSR_X2APIC_FIRST) << 4; }

static int read(u32 apic_id, u32 offset, u64 *value)
{
	switch (offset) {
	case APIC_ID: *value = apic_id; return 0;
	case REG_LDR: *value = BIT(apic_id); return 0; /* cluster 0 */
	case APIC_ICR_LOW:
		*value = (u64)(*reg(APIC_ICR_HIGH) >> 24) << 32 | (*reg(APIC_ICR_LOW) & ~ICR_BUSY);
		return 0;
	case APIC_EOI:
	case REG_SELF_IPI: return -E_INVAL;
	default: *value = *reg(offset); return 0;
	}
}

static int write(u32 offset, u64 value)
{
	switch (offset) {
	case APIC_ID:
	case REG_VERSION:
	case REG_LDR: return -E_INVAL;
	case APIC_ICR_LOW:
		*reg(APIC_ICR_HIGH) = (u32)(value >> 32) << 24;
		*reg(APIC_ICR_LOW) = (u32)value;
		return 0;
	case REG_SELF_IPI: *reg(APIC_ICR_LOW) = ICR_SELF | (value & 0xff); return 0;
	default: break;
	}
	if (value >> 32)
		return -E_INVAL;
	*reg(offset) = (u32)value;
	return 0;
}

int x2apic_access(u32 apic_id, struct msr_access *a)
{
	u32 offset = offset_of(a->msr);

	if (offset >= REG_END || offset == REG_DFR || offset == APIC_ICR_HIGH)
		return -E_INVAL;
	return a->write ? write(offset, a->value) : read(apic_id, offset, &a->value);
}
