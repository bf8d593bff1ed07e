/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See step.h. IRET loads TF, so that ours is gone behind it. The frame of a fault on its way would
 * show it: all that IRET can raise is intercepted, and injected without it.
 */
#include "monitor/svm/step.h"

#include "monitor/svm/inject.h"
#include "monitor/svm/vmcb.h"

#define DR6_STATUS 0xe00f /* what the processor sets, and never clears: APM2 13.1.1.3 */

/* #DB behind it, and what it raises itself. */
#define RAISED                                                                                     \
	(BIT(VEC_DB) | BIT(VEC_TS) | BIT(VEC_NP) | BIT(VEC_SS) | BIT(VEC_GP) | BIT(VEC_PF) |       \
	 BIT(VEC_AC))

static void intercept(struct vcpu *v, bool on)
{
	u32 *word = &v->vmcb->control.intercepts[VMCB_INTERCEPT_EXCEPTION(0) / 32];

	*word &= ~(u32)RAISED;
	*word |= on ? (u32)RAISED : 0;
}

void step_begin(struct vcpu *v)
{
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_IRET, false);
	v->nmi_iret = true;
}

/* NMIs stay blocked until another IRET. */
static void give_up(struct vcpu *v)
{
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_IRET, true);
	v->nmi_iret = false;
}

/* The task that it leaves would keep TF in its TSS. */
static bool switches_tasks(const struct vmsa *s)
{
	return s->rflags & RFLAGS_NT && !(s->efer & EFER_LMA);
}

void step_enter(struct vcpu *v)
{
	struct vmsa *s = &v->vmcb->save;

	if (inject_pending(v)) {
		give_up(v);
		return;
	}
	v->step.rip = s->rip;
	v->step.tf = s->rflags & RFLAGS_TF;
	v->step.dr6 = s->dr6 & DR6_STATUS;
	if (switches_tasks(s))
		return;
	s->dr6 &= ~(u64)DR6_STATUS;
	s->rflags |= RFLAGS_TF;
	intercept(v, true);
}

void step_left(struct vcpu *v)
{
	struct vmsa *s = &v->vmcb->save;
	bool is_trap = (u32)v->vmcb->control.exit_code == SVM_EXIT_EXCP_BASE + VEC_DB;

	if (!v->nmi_iret)
		return;
	intercept(v, false);
	if (s->rip != v->step.rip || (is_trap && s->dr6 & DR6_BS))
		v->nmi_iret = v->nmi_blocked = false;
	else
		s->rflags = (s->rflags & ~(u64)RFLAGS_TF) | v->step.tf;
	if (!v->step.tf)
		s->dr6 &= ~(u64)DR6_BS;
	v->step.raised = s->dr6 & DR6_STATUS;
	s->dr6 |= v->step.dr6;
}

void step_exit(struct vcpu *v, unsigned int vector)
{
	struct vmsa *s = &v->vmcb->save;
	const struct vmcb_control_area *c = &v->vmcb->control;

	if (v->nmi_iret)
		give_up(v);
	if (vector == VEC_PF)
		s->cr2 = c->exit_info_2;
	if (vector == VEC_DB && v->step.raised)
		inject_exception(v, VEC_DB);
	else if (vector != VEC_DB && s->cr0 & CR0_PE)
		inject_exception_error(v, vector, (u32)c->exit_info_1);
	else if (vector != VEC_DB)
		inject_exception(v, vector);
}
