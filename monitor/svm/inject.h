/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events for the guest, delivered by its next entry.
 */
#pragma once

#include "monitor/svm/vcpu.h"

void inject_exception(struct vcpu *v, unsigned int vector);
void inject_exception_error(struct vcpu *v, unsigned int vector, u32 error_code);
void inject_interrupt(struct vcpu *v, unsigned int vector);
void inject_nmi(struct vcpu *v);
/* #VE; what VEINFO.GET returns has been stored: for the transcript. */
void inject_ve(struct vcpu *v, u32 reason, u64 qualification, u64 gpa);

/*
 * #VC with @exit_code. The exception frame is built here, not by EVENTINJ: QEMU's TCG pushes no
 * error code for vector 29, real processors do, and this serves both. A fault on the way is the
 * guest's own: #PF or #GP instead of #VC.
 */
void inject_vc(struct vcpu *v, u64 exit_code);

/*
 * The event whose delivery the last exit broke off, or none. QEMU calls an interrupt that it
 * delivers itself an exception, which has no such vector.
 */
static inline u64 inject_broken_off(const struct vcpu *v)
{
	u64 event = v->vmcb->control.exit_int_info;

	if (event & EVENT_VALID && bits_get(event, 10, 8) == EVENT_TYPE_EXCEPTION &&
	    (event & EVENT_VECTOR_MASK) >= 32)
		event &= ~(u64)EVENT_TYPE_MASK;
	return event;
}

/* ... is delivered again, unless something else is. INT comes again by itself. */
static inline void inject_again(struct vcpu *v)
{
	u64 event = inject_broken_off(v);

	if (event & EVENT_VALID && bits_get(event, 10, 8) != EVENT_TYPE_SOFT_INTR &&
	    !v->vmcb->control.event_inj)
		v->vmcb->control.event_inj = event;
}

/* An event waits for the next entry. */
static inline bool inject_pending(const struct vcpu *v) { return v->vmcb->control.event_inj != 0; }
