/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See x2apic.h. While the mode is on, the registers' page still answers.
 */
#include "monitor/hardware/l1/x2apic.h"

#include "abi/tdx.h"
#include "lib/cpu.h"
#include "monitor/hardware/l1/apic.h"
#include "monitor/machine/lapic.h"
#include "monitor/svm/apic_ipi.h"
#include "monitor/svm/apic_reg.h"
#include "monitor/svm/smp.h"
#include "monitor/svm/xapic.h"

#define ICR_SELF      0x40000
#define ICR_SHORTHAND 0xc0000
#define XAPIC_ALL     0xff
#define LOGICAL_COUNT 8 /* of a flat xAPIC */
#define CLUSTER(dest) ((dest) >> 16)

bool l1_x2apic_has(u32 msr)
{
	return msr == MSR_APIC_BASE || (msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST);
}

static u32 id(void) { return lapic_read(APIC_ID) >> 24; }

/* Logical ids are given, not written: APM2 16.14 */
static u32 logical_id(void) { return (id() >> 4) << 16 | 1u << (id() & 0xf); }

static void enter(void)
{
	lapic_write(APIC_DFR, APIC_DFR_RESET);
	lapic_write(APIC_LDR, id() < LOGICAL_COUNT ? 1u << id() << 24 : 0);
}

void l1_x2apic_init(const struct l1 *p)
{
	if (p->x2apic)
		enter();
}

/* The way out is by switching the APIC off: APM2 16.9. Its page stays where it is. */
static int mode(struct l1 *p, bool write, u64 *value)
{
	u64 now = rdmsr(MSR_APIC_BASE);
	bool on = *value & APIC_BASE_EXTD, enabled = *value & APIC_BASE_ENABLE;

	if (!write) {
		*value = now | (p->x2apic ? (u64)APIC_BASE_EXTD : 0);
		return 0;
	}
	if ((*value ^ now) >> PAGE_SHIFT || (on && (!enabled || !(now & APIC_BASE_ENABLE))) ||
	    (p->x2apic && enabled && !on) ||
	    wrmsr_safe(MSR_APIC_BASE, *value & ~(u64)APIC_BASE_EXTD))
		return -E_INVAL;
	if (on && !p->x2apic)
		enter();
	p->x2apic = on;
	return 0;
}

/*
 * Whether somebody can be meant: nobody is in a logical cluster but the first, nor has an id that
 * is an xAPIC's word for all. That of an x2APIC is 32 bits of ones: APM2 16.14
 */
static bool is_there(u32 low, u32 dest)
{
	if (low & ICR_SHORTHAND || dest == ~0u)
		return true;
	return low & APIC_ICR_LOGICAL ? !CLUSTER(dest) : dest < XAPIC_ALL;
}

static void command(u32 low, u32 dest)
{
	if (l1_apic_plays(low)) {
		xapic_command_x2(smp_here(), (u64)dest << 32 | low);
		return;
	}
	if (!is_there(low, dest))
		return;
	lapic_write(APIC_ICR_HIGH, dest << 24);
	lapic_write(APIC_ICR_LOW, low);
}

static int read(u32 offset, u64 *value)
{
	if (!x2apic_is_readable(offset))
		return -E_INVAL;
	switch (offset) {
	case APIC_ID: *value = id(); return 0;
	case APIC_LDR: *value = logical_id(); return 0;
	case APIC_ICR_LOW:
		*value = (lapic_read(APIC_ICR_LOW) & ~(u64)APIC_ICR_BUSY) |
			 (u64)(lapic_read(APIC_ICR_HIGH) >> 24) << 32;
		return 0;
	default: *value = lapic_read(offset); return 0;
	}
}

static int write(u32 offset, u64 value)
{
	if (!x2apic_is_writable(offset, value))
		return -E_INVAL;
	switch (offset) {
	case APIC_ICR_LOW: command((u32)value, (u32)(value >> 32)); return 0;
	case APIC_SELF_IPI: command(ICR_SELF | (u32)value, 0); return 0;
	default: lapic_write(offset, (u32)value); return 0;
	}
}

int l1_x2apic_access(struct l1 *p, u32 msr, bool is_write, u64 *value)
{
	u32 offset = (msr - MSR_X2APIC_FIRST) << 4;

	if (msr == MSR_APIC_BASE)
		return mode(p, is_write, value);
	if (!p->x2apic)
		return -E_INVAL;
	return is_write ? write(offset, *value) : read(offset, value);
}
