/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See intr.h. While the window waits for an interrupt that is pending in the machine, it is the
 * guest's IF that lets it in, and not the host's: else it would end each run at once. For what is
 * not pending there V_IRQ stands in; the host's IF is then off.
 */
#include "monitor/svm/intr.h"

#include "monitor/machine/end.h"
#include "monitor/machine/options.h"
#include "monitor/machine/trace_buffer.h"
#include "monitor/machine/traps.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/host_ops.h"
#include "monitor/svm/smp.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/tsc_deadline.h"
#include "monitor/svm/vmcb.h"

static bool can_take(const struct vcpu *v)
{
	return v->vmcb->save.rflags & RFLAGS_IF &&
	       !(v->vmcb->control.int_state & VMCB_INT_SHADOW) && !inject_pending(v) &&
	       !(v->vmcb->control.exit_int_info & EVENT_VALID);
}

enum window { WINDOW_OFF, WINDOW_PENDING, WINDOW_VIRTUAL };

/*
 * V_IRQ is for what is rare: before 10.2 QEMU's VMRUN sets it among the processor's requests
 * without its lock, and what another thread sets there at that moment is lost.
 */
static void window_set(struct vcpu *v, enum window window)
{
	u64 *int_ctl = &v->vmcb->control.int_ctl;
	bool virtual;

	if (guest.holds_interrupts)
		window = WINDOW_OFF;
	virtual = window == WINDOW_VIRTUAL;
	*int_ctl &= ~(u64)(VMCB_V_IRQ | VMCB_V_IGN_TPR | VMCB_V_INTR_MASKING);
	if (virtual)
		*int_ctl |= VMCB_V_IRQ | VMCB_V_IGN_TPR;
	if (window != WINDOW_PENDING)
		*int_ctl |= VMCB_V_INTR_MASKING;
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_VINTR, virtual);
	v->host_if = !virtual && !guest.holds_interrupts;
}

static void take(struct vcpu *v, s64 vector)
{
	if (vector < 0)
		return;
	TRACE(v->id, IRQ, "vector=%#x", (unsigned int)vector);
	if (guest_is_restricted()) {
		v->doorbell.queued[vector / 64] |= BIT(vector % 64);
		return;
	}
	guest.host->interrupt(v, (unsigned int)vector);
	inject_interrupt(v, (unsigned int)vector);
}

/* The one that woke the guest before it could take it, or -1. */
static s64 take_held(struct vcpu *v)
{
	s64 vector = v->irq_held ? v->irq_held : -1;

	v->irq_held = 0;
	return vector;
}

/* What is pending in the machine, or -1. */
static s64 acknowledge(struct vcpu *v)
{
	struct ack ack = ack_poll();

	smp_nmi(v, ack.nmi);
	return tsc_deadline_ack(v, ack.vector);
}

static enum window window_for(const struct vcpu *v, bool wait)
{
	if (!wait)
		return WINDOW_OFF;
	return v->irq_held ? WINDOW_VIRTUAL : WINDOW_PENDING;
}

void intr_deliver(struct vcpu *v)
{
	bool wait = !guest_is_restricted() && !can_take(v);
	s64 vector;

	if (!guest_is_restricted())
		window_set(v, window_for(v, wait));
	if (wait)
		return;
	vector = take_held(v);
	take(v, vector < 0 ? acknowledge(v) : vector);
}

void intr_look(struct vcpu *v)
{
	s64 vector;

	if (guest_is_restricted()) {
		if (guest.host->can_tell(v))
			take(v, acknowledge(v));
		return;
	}
	if (v->irq_held || inject_pending(v))
		return;
	vector = acknowledge(v);
	if (vector < 0)
		return;
	TRACE(v->id, IRQ, "vector=%#x", (unsigned int)vector);
	guest.host->interrupt(v, (unsigned int)vector);
	v->irq_held = (int)vector;
}

static bool is_interrupt(u64 event)
{
	const u64 interrupt = EVENT_VALID | EVENT_TYPE_INTR << EVENT_TYPE_SHIFT;

	return (event & (EVENT_VALID | EVENT_TYPE_MASK)) == interrupt;
}

/* A halt took its own, which goes first. */
void intr_enter_held(struct vcpu *v)
{
	struct vmcb_control_area *c = &v->vmcb->control;
	u64 vector = (u64)v->irq_held;

	if (is_interrupt(c->event_inj)) {
		vector = c->event_inj & EVENT_VECTOR_MASK;
		v->irq_held = (int)vector;
		c->event_inj = 0;
	}
	if (vector)
		c->int_ctl |= VMCB_V_IRQ | VMCB_V_IGN_TPR | vector << VMCB_V_INTR_VECTOR_SHIFT;
}

/* What was broken off may also be an exception, while the interrupt waits on. */
void intr_left_held(struct vcpu *v)
{
	struct vmcb_control_area *c = &v->vmcb->control;

	if (!(c->int_ctl & VMCB_V_IRQ) || is_interrupt(inject_broken_off(v)))
		v->irq_held = 0; /* on its way: inject_again() */
	c->int_ctl &= ~(VMCB_V_IRQ | VMCB_V_IGN_TPR | 0xffull << VMCB_V_INTR_VECTOR_SHIFT);
}

void intr_nmi(struct vcpu *v) { smp_nmi(v, ack_nmi().nmi); }

static bool nmi_can_come(const struct vcpu *v)
{
	return v->nmi_pending && !v->nmi_blocked && !guest.hardware->holds_nmi(v);
}

/* Interrupts stay with the machine's APIC for as long as the host cannot tell of them. */
static void ready_restricted(struct vcpu *v)
{
	guest.host->tell(v);
	v->host_if = guest.host->can_tell(v) && !guest.holds_interrupts;
	if (!v->doorbell.is_due)
		return;
	if (inject_pending(v)) {
		smp_kick_self(v);
		return;
	}
	v->doorbell.is_due = false;
	inject_exception(v, VEC_HV);
}

void intr_ready(struct vcpu *v)
{
	if (guest_is_restricted()) {
		ready_restricted(v);
		return;
	}
	if (!nmi_can_come(v))
		return;
	if (inject_pending(v)) {
		smp_kick_self(v);
		return;
	}
	v->nmi_pending = false;
	v->nmi_blocked = true;
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_IRET, !guest.hardware->has_nmi_complete);
	inject_nmi(v);
}

/* The transcript has the time until then. */
static s64 wait(struct vcpu *v, bool interrupts)
{
	u64 due = 0;

	if (!interrupts)
		return smp_wait(v, false);
	if (trace_buffer_drain() || guest.host->is_due(v, &due))
		return smp_wait_until(v, due);
	return smp_wait(v, true);
}

/* Until an interrupt comes, whose vector it returns; -1: there is something else to do. */
static s64 sleep(struct vcpu *v, bool interrupts)
{
	s64 vector = interrupts ? take_held(v) : -1;

	v->halted_forever = !interrupts;
	while (vector < 0 && !v->startup.action && !nmi_can_come(v)) {
		if (!interrupts && smp_is_last(v))
			stop_crashed(v, "halted for ever, with interrupts off");
		vector = wait(v, interrupts);
		guest.host->woke(v);
	}
	v->halted_forever = false;
	return vector;
}

/* Whether it has interrupts off is the guest's own affair: the host does not see it. */
static void halt_restricted(struct vcpu *v)
{
	while (!inject_pending(v) && !v->startup.action && !guest.host->tell(v)) {
		v->halted_forever = !guest.host->can_tell(v);
		if (v->halted_forever && smp_is_last(v))
			stop_crashed(v, "halted for ever, without a page to tell it of events");
		take(v, wait(v, !v->halted_forever));
		guest.host->woke(v);
	}
	v->halted_forever = false;
}

/* To be let in by the processor itself: there is nothing to wait for. */
static bool is_on_its_way(const struct vcpu *v) { return guest.holds_interrupts && v->irq_held; }

void intr_halt(struct vcpu *v, bool interrupts)
{
	v->vmcb->control.int_state = 0;
	if (guest_is_restricted()) {
		halt_restricted(v);
		return;
	}
	window_set(v, WINDOW_OFF);
	/* An end that is not heard: nobody stands still. */
	if (!interrupts && guest.inject[INJECT_END_IGNORED] >= 0)
		return;
	if (!inject_pending(v) && !is_on_its_way(v)) /* the #DB of TF ends the wait */
		take(v, sleep(v, interrupts));
}

void intr_sleep(struct vcpu *v)
{
	s64 vector;

	if (inject_pending(v) || is_on_its_way(v))
		return;
	vector = sleep(v, true);
	v->irq_held = vector < 0 ? 0 : (int)vector;
	window_set(v, WINDOW_VIRTUAL);
}

void intr_halt_exit(struct vcpu *v)
{
	TRACE(v->id, HLT, "rip=%#lx", v->vmcb->save.rip);
	exit_finish(v);
	intr_halt(v, v->vmcb->save.rflags & RFLAGS_IF);
}
