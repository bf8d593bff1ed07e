/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See x2apic.h. Does not: more than X2APIC_CPU_MAX processors.
 */
#include "monitor/svm/x2apic.h"

#include "abi/tdx.h"
#include "abi/x86.h"
#include "monitor/svm/xapic.h"

#define REG_VERSION  0x030
#define REG_LDR      0x0d0
#define REG_DFR      0x0e0
#define REG_SELF_IPI 0x3f0
#define REG_END      0x400
#define DFR_FLAT     0xffffffff
#define ICR_SELF     0x40000
#define ICR_BUSY     0x1000
#define TDCR_KNOWN   0xb
#define COUNT_MAX    0xffffffff

#define BUS_NS         1  /* the machine's APIC: QEMU's counts nanoseconds */
#define CRYSTAL_NS     40 /* the guest's */
#define TIMER_SCALE    (CRYSTAL_NS / BUS_NS)
#define DIVIDE_LOG_MAX 7

static volatile u32 *reg(u32 offset) { return (volatile u32 *)(APIC_BASE_DEFAULT + (u64)offset); }

void x2apic_init(struct vcpu *v)
{
	*reg(REG_DFR) = DFR_FLAT;
	*reg(REG_LDR) = (u32)BIT(v->apic_id) << 24;
	v->apic = (struct apic_address){ v->apic_id, (u32)BIT(v->apic_id) << 24, DFR_FLAT };
}

static u32 offset_of(u32 msr) { return (msr - MSR_X2APIC_FIRST) << 4; }

/* The divide configuration has three bits, 0, 1 and 3: 0 divides by 2 ... 6 by 128, 7 by 1. */
static unsigned int divide_log(u32 tdcr) { return (((tdcr & 3) | (tdcr & 8) >> 1) + 1) % 8; }

static u32 divide_config(unsigned int log)
{
	u32 bits = (log + 7) % 8;

	return (bits & 3) | (bits & 4) << 1;
}

/* Starts the machine's timer for as long as the guest's would run, or as long as it can. */
static void timer_start(struct vcpu *v)
{
	u64 ticks = ((u64)v->apic_timer_initial * TIMER_SCALE) << divide_log(v->apic_timer_divide);
	unsigned int log = 0;

	while (ticks >> log > COUNT_MAX && log < DIVIDE_LOG_MAX)
		log++;
	v->apic_timer_log = log;
	ticks >>= log;
	*reg(APIC_TIMER_DIVIDE) = divide_config(log);
	*reg(APIC_TIMER_INITIAL) = ticks > COUNT_MAX ? COUNT_MAX : (u32)ticks;
}

static u64 timer_current(const struct vcpu *v)
{
	return (((u64)*reg(APIC_TIMER_CURRENT) << v->apic_timer_log) / TIMER_SCALE) >>
	       divide_log(v->apic_timer_divide);
}

static int read(struct vcpu *v, u32 offset, u64 *value)
{
	switch (offset) {
	case APIC_ID: *value = v->apic_id; return 0;
	case REG_LDR: *value = BIT(v->apic_id); return 0; /* cluster 0 */
	case APIC_ICR_LOW:
		*value = (u64)(*reg(APIC_ICR_HIGH) >> 24) << 32 | (*reg(APIC_ICR_LOW) & ~ICR_BUSY);
		return 0;
	case APIC_TIMER_INITIAL: *value = v->apic_timer_initial; return 0;
	case APIC_TIMER_CURRENT: *value = timer_current(v); return 0;
	case APIC_TIMER_DIVIDE: *value = v->apic_timer_divide; return 0;
	case APIC_EOI:
	case REG_SELF_IPI: return -E_INVAL;
	default: *value = *reg(offset); return 0;
	}
}

static int write(struct vcpu *v, u32 offset, u64 value)
{
	if (offset == APIC_ICR_LOW) {
		xapic_command(v, (u32)value, (u32)(value >> 32) & 0xff);
		return 0;
	}
	if (value >> 32)
		return -E_INVAL;
	switch (offset) {
	case APIC_ID:
	case REG_VERSION:
	case REG_LDR: return -E_INVAL;
	case REG_SELF_IPI: *reg(APIC_ICR_LOW) = ICR_SELF | (value & 0xff); return 0;
	case APIC_TIMER_DIVIDE: v->apic_timer_divide = value & TDCR_KNOWN; return 0;
	case APIC_TIMER_INITIAL:
		v->apic_timer_initial = (u32)value;
		timer_start(v);
		return 0;
	default: xapic_write(v, offset, (u32)value); return 0;
	}
}

int x2apic_access(struct vcpu *v, struct msr_access *a)
{
	u32 offset = offset_of(a->msr);

	if (offset >= REG_END || offset == REG_DFR || offset == APIC_ICR_HIGH)
		return -E_INVAL;
	return a->write ? write(v, offset, a->value) : read(v, offset, &a->value);
}
