/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See x2apic.h.
 */
#include "monitor/svm/x2apic.h"

#include "abi/tdx.h"
#include "monitor/machine/lapic.h"
#include "monitor/svm/apic_reg.h"
#include "monitor/svm/xapic.h"

#define ICR_SELF  0x40000
#define COUNT_MAX 0xffffffff
/* Logical ids that an interrupt of a device can name: its destination has eight bits. */
#define XAPIC_LOGICAL_MAX 8

#define BUS_NS         1  /* the machine's APIC: QEMU's counts nanoseconds */
#define CRYSTAL_NS     40 /* the guest's */
#define TIMER_SCALE    (CRYSTAL_NS / BUS_NS)
#define DIVIDE_LOG_MAX 7

void x2apic_init(struct vcpu *v)
{
	u32 logical = v->apic_id < XAPIC_LOGICAL_MAX ? (u32)BIT(v->apic_id) << 24 : 0;

	lapic_write(APIC_DFR, APIC_DFR_RESET);
	lapic_write(APIC_LDR, logical);
	v->apic = (struct apic_address){ v->apic_id, logical, APIC_DFR_RESET };
	v->x2apic = true;
	v->apic_base |= APIC_BASE_EXTD;
	v->x2apic_icr = 0;
}

static u32 offset_of(u32 msr) { return (msr - MSR_X2APIC_FIRST) << 4; }

static u32 divide_config(unsigned int log)
{
	u32 bits = (log + 7) % 8;

	return (bits & 3) | (bits & 4) << 1;
}

/* Starts the machine's timer for as long as the guest's would run, or as long as it can. */
static void timer_start(struct vcpu *v)
{
	u64 ticks = ((u64)v->apic_timer_initial * TIMER_SCALE)
		    << apic_divide_log(v->apic_timer_divide);
	unsigned int log = 0;

	while (ticks >> log > COUNT_MAX && log < DIVIDE_LOG_MAX)
		log++;
	v->apic_timer_log = log;
	ticks >>= log;
	lapic_write(APIC_TIMER_DIVIDE, divide_config(log));
	lapic_write(APIC_TIMER_INITIAL, ticks > COUNT_MAX ? COUNT_MAX : (u32)ticks);
}

static u64 timer_current(const struct vcpu *v)
{
	return (((u64)lapic_read(APIC_TIMER_CURRENT) << v->apic_timer_log) / TIMER_SCALE) >>
	       apic_divide_log(v->apic_timer_divide);
}

int x2apic_read(struct vcpu *v, u32 msr, u64 *value)
{
	u32 offset = offset_of(msr);

	if (!x2apic_is_readable(offset))
		return -E_INVAL;
	switch (offset) {
	case APIC_ID: *value = v->apic_id; return 0;
	case APIC_LDR: *value = apic_logical_x2(v->apic_id); return 0;
	case APIC_ICR_LOW: *value = v->x2apic_icr; return 0;
	case APIC_TIMER_INITIAL: *value = v->apic_timer_initial; return 0;
	case APIC_TIMER_CURRENT: *value = timer_current(v); return 0;
	case APIC_TIMER_DIVIDE: *value = v->apic_timer_divide; return 0;
	default: *value = lapic_read(offset); return 0;
	}
}

int x2apic_write(struct vcpu *v, u32 msr, u64 value)
{
	u32 offset = offset_of(msr);

	if (!x2apic_is_writable(offset, value))
		return -E_INVAL;
	switch (offset) {
	case APIC_ICR_LOW:
		v->x2apic_icr = value & ~APIC_ICR_BUSY;
		xapic_command(v, (u32)value, (u32)(value >> 32));
		return 0;
	case APIC_SELF_IPI: xapic_command(v, ICR_SELF | (u32)value, 0); return 0;
	case APIC_TIMER_DIVIDE: v->apic_timer_divide = (u32)value; return 0;
	case APIC_TIMER_INITIAL:
		v->apic_timer_initial = (u32)value;
		timer_start(v);
		return 0;
	default: xapic_write(v, offset, (u32)value); return 0;
	}
}
