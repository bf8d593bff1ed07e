/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See tsc_deadline.h. The machine's timer counts nanoseconds, as QEMU's does, and less far than a
 * TSC; what it is short of, by that, by rounding or since the guest's TSC stood still meanwhile, is
 * waited for anew.
 */
#include "monitor/svm/tsc_deadline.h"

#include "lib/cpu.h"
#include "monitor/machine/lapic.h"
#include "monitor/svm/apic_reg.h"

#define COUNT_MAX   0xffffffff
#define LVT_MODES   (APIC_LVT_PERIODIC | APIC_LVT_DEADLINE)
#define SECONDS_MAX 500 /* what the machine's timer is started for at most */
#define SPIN_NS     2000

static bool is_expired(const struct vcpu *v) { return vcpu_tsc(v) >= v->deadline.tsc; }

static u64 nanoseconds_left(const struct vcpu *v)
{
	u64 ticks = v->deadline.tsc - vcpu_tsc(v), most = guest.tsc_khz * 1000 * SECONDS_MAX;

	if (is_expired(v))
		return 0;
	return (ticks < most ? ticks : most) * 1000000 / guest.tsc_khz + 1;
}

/* By the divider that the guest has set. */
static void start(const struct vcpu *v, u64 nanoseconds)
{
	u64 count = (nanoseconds >> v->deadline.divide_log) + 1;

	lapic_write(APIC_TIMER_INITIAL, count < COUNT_MAX ? (u32)count : COUNT_MAX);
}

static void stop(struct vcpu *v)
{
	v->deadline.tsc = 0;
	lapic_write(APIC_TIMER_INITIAL, 0);
}

u32 tsc_deadline_lvt(struct vcpu *v, u32 value)
{
	bool on = (value & LVT_MODES) == APIC_LVT_DEADLINE;

	if (on != v->deadline.on) {
		stop(v);
		/* Until it is written QEMU divides by 1, whatever it says. */
		tsc_deadline_divide(v, lapic_read(APIC_TIMER_DIVIDE));
	}
	v->deadline.on = on;
	v->deadline.vector = (u8)value;
	if ((value & LVT_MODES) == LVT_MODES) /* reserved */
		value |= APIC_LVT_MASKED;
	return value & ~APIC_LVT_DEADLINE;
}

void tsc_deadline_divide(struct vcpu *v, u32 value)
{
	v->deadline.divide_log = (u8)apic_divide_log(value);
	lapic_write(APIC_TIMER_DIVIDE, value);
}

u32 tsc_deadline_reads(u32 offset, u32 value)
{
	switch (offset) {
	case APIC_LVT_TIMER: return value | APIC_LVT_DEADLINE;
	case APIC_TIMER_INITIAL:
	case APIC_TIMER_CURRENT: return 0;
	default: return value;
	}
}

u64 tsc_deadline_read(const struct vcpu *v)
{
	return v->deadline.tsc && !is_expired(v) ? v->deadline.tsc : 0;
}

void tsc_deadline_write(struct vcpu *v, u64 deadline)
{
	if (!v->deadline.on)
		return;
	if (!deadline) {
		stop(v);
		return;
	}
	v->deadline.tsc = deadline;
	start(v, nanoseconds_left(v));
}

void tsc_deadline_reset(struct vcpu *v)
{
	v->deadline.on = false;
	v->deadline.tsc = 0;
}

/* The timer still runs where somebody else has sent this vector; to ask it is not cheap. */
s64 tsc_deadline_check(struct vcpu *v, s64 vector)
{
	if (!is_expired(v) && lapic_read(APIC_TIMER_CURRENT))
		return vector;
	while (!is_expired(v) && nanoseconds_left(v) <= SPIN_NS)
		cpu_relax();
	if (is_expired(v)) {
		v->deadline.tsc = 0;
		return vector;
	}
	lapic_write(APIC_EOI, 0);
	start(v, nanoseconds_left(v));
	return -1;
}
