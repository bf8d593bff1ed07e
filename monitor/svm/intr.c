/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See intr.h. While the window waits, the host's IF is off at VMRUN: otherwise the interrupt that
 * is still pending would end each run at once.
 */
#include "monitor/svm/intr.h"

#include "monitor/host/end.h"
#include "monitor/host/traps.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/kind.h"
#include "monitor/svm/kvm.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/vmcb.h"

static bool can_take(const struct vcpu *v)
{
	return v->vmcb->save.rflags & RFLAGS_IF &&
	       !(v->vmcb->control.int_state & VMCB_INT_SHADOW) && !inject_pending(v) &&
	       !(v->vmcb->control.exit_int_info & EVENT_VALID);
}

static void window_set(struct vcpu *v, bool on)
{
	u64 *int_ctl = &v->vmcb->control.int_ctl;

	*int_ctl &= ~(u64)(VMCB_V_IRQ | VMCB_V_IGN_TPR);
	if (on)
		*int_ctl |= VMCB_V_IRQ | VMCB_V_IGN_TPR;
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_VINTR, on);
	v->host_if = !on;
}

/* The TDX module blocks NMIs until the guest has fetched what its #VE was. */
void intr_nmi_unblocked(struct vcpu *v)
{
	if (!v->nmi_pending || v->nmi_blocked || v->td.ve_valid || inject_pending(v))
		return;
	v->nmi_pending = false;
	v->nmi_blocked = guest.kind->has_nmi_complete;
	inject_nmi(v);
}

static void take(struct vcpu *v, int vector)
{
	if (vector < 0)
		return;
	TRACE(v->id, IRQ, "vector=%#x", (unsigned int)vector);
	if (vector == VEC_NMI) {
		v->nmi_pending = true;
		intr_nmi_unblocked(v);
		return;
	}
	kvm_pv_eoi(v, (unsigned int)vector);
	inject_interrupt(v, (unsigned int)vector);
}

/* The one that woke the guest before it could take it, else what @ack brings. */
static int next_vector(struct vcpu *v, int (*ack)(void))
{
	int held = v->irq_held;

	v->irq_held = 0;
	return held ? held : ack();
}

void intr_deliver(struct vcpu *v)
{
	bool wait = !can_take(v);

	window_set(v, wait);
	if (!wait)
		take(v, next_vector(v, ack_poll));
}

void intr_nmi(struct vcpu *v) { take(v, ack_poll()); }

void intr_halt(struct vcpu *v)
{
	if (!(v->vmcb->save.rflags & RFLAGS_IF))
		stop_crashed(v, "halted for ever, with interrupts off");
	v->vmcb->control.int_state = 0;
	window_set(v, false);
	take(v, next_vector(v, ack_wait));
}

void intr_sleep(struct vcpu *v)
{
	int vector = next_vector(v, ack_wait);

	if (vector == VEC_NMI) {
		take(v, vector);
		return;
	}
	v->irq_held = vector > 0 ? vector : 0;
	window_set(v, true);
}

void intr_halt_exit(struct vcpu *v)
{
	TRACE(v->id, HLT, "rip=%#lx", v->vmcb->save.rip);
	vcpu_skip(v, 1);
	intr_halt(v);
}
