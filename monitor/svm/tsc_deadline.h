/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TSC-deadline mode of a local APIC's timer, which TCG's has not: played on its one-shot mode.
 * For guests whose reads of the registers the host answers: guest.hardware->has_tsc_deadline. With
 * a TSC that stands still in the monitor (tsc=own) there is no such mode: it cannot be waited for.
 * Spec: SDM3 11.5.4.1; APM2 16.4.1 has the timer without it. KVM: arch/x86/kvm/lapic.c.
 */
#pragma once

#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/vcpu.h"

static inline bool tsc_deadline_is_there(void)
{
	return guest.hardware->has_tsc_deadline && !guest.own_time;
}

/* What the machine's timer entry becomes when the guest writes @value to its own. */
u32 tsc_deadline_lvt(struct vcpu *v, u32 value);

/* The guest writes @value to the divide configuration, in whatever mode. */
void tsc_deadline_divide(struct vcpu *v, u32 value);

/* In this mode, what the guest reads at @offset in place of @value, which the machine has there. */
u32 tsc_deadline_reads(u32 offset, u32 value);

/* MSR TSC_DEADLINE: 0, and ignored, in the other modes. */
u64 tsc_deadline_read(const struct vcpu *v);
void tsc_deadline_write(struct vcpu *v, u64 deadline);

/* Back to the state of reset. */
void tsc_deadline_reset(struct vcpu *v);

/*
 * @vector, or -1, was acknowledged: the same, unless it is the timer's before its time has come.
 * Then the timer runs for the rest, and it is -1.
 */
s64 tsc_deadline_check(struct vcpu *v, s64 vector);
static inline s64 tsc_deadline_ack(struct vcpu *v, s64 vector)
{
	return v->deadline.tsc && vector == v->deadline.vector ? tsc_deadline_check(v, vector)
							       : vector;
}
