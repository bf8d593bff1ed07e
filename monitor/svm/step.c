/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See step.h. IRET loads TF, so that ours is gone behind it. The frame of a fault on its way would
 * show it: all that IRET can raise is intercepted, and injected without it.
 */
#include "monitor/svm/step.h"

#include "monitor/svm/inject.h"
#include "monitor/svm/host_ops.h"
#include "monitor/svm/vmcb.h"
#include "monitor/svm/walk.h"

#define PREFIX_OPERAND_SIZE 0x66
#define PREFIX_REX          0x40
#define OPCODE_PUSHF        0x9c

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

/* Of the instruction at RIP, where it can be seen; else 0. */
static u8 first_opcode(struct vcpu *v)
{
	u64 at = v->vmcb->save.rip + (vcpu_is_64bit(v) ? 0 : v->vmcb->save.cs.base);
	const u8 *byte;

	do {
		byte = walk_peek(v, at++);
	} while (byte && (*byte == PREFIX_OPERAND_SIZE || (*byte & 0xf0) == PREFIX_REX));
	return byte ? *byte : 0;
}

/* PUSHF would have TF in memory. */
static void hide_pushed(struct vcpu *v)
{
	u64 at = v->vmcb->save.ss.base + v->vmcb->save.rsp;
	u32 error_code;
	u8 byte; /* bits 15:8 */

	if (vcpu_is_64bit(v))
		at = v->vmcb->save.rsp;
	if (v->step.opcode != OPCODE_PUSHF || walk_read(v, at + 1, &byte, 1, &error_code))
		return;
	byte &= (u8) ~(RFLAGS_TF >> 8);
	(void)!walk_write(v, at + 1, &byte, 1, &error_code);
}

void step_enter(struct vcpu *v)
{
	struct vmsa *s = &v->vmcb->save;

	if (inject_pending(v)) {
		if (v->nmi_iret)
			give_up(v);
		return;
	}
	v->step.rip = s->rip;
	v->step.tf = s->rflags & RFLAGS_TF;
	v->step.dr6 = s->dr6 & DR6_STATUS;
	v->step.opcode = v->steps ? first_opcode(v) : 0;
	v->step.on = true;
	if (switches_tasks(s))
		return;
	s->dr6 &= ~(u64)DR6_STATUS;
	s->rflags |= RFLAGS_TF;
	intercept(v, true);
}

static void is_done(struct vcpu *v)
{
	if (v->nmi_iret) {
		v->nmi_iret = v->nmi_blocked = false; /* IRET has loaded the guest's own TF */
		return;
	}
	v->vmcb->save.rflags = (v->vmcb->save.rflags & ~(u64)RFLAGS_TF) | v->step.tf;
	hide_pushed(v);
	if (!--v->steps)
		guest.host->stepped(v);
}

void step_left(struct vcpu *v)
{
	struct vmsa *s = &v->vmcb->save;
	bool is_trap = (u32)v->vmcb->control.exit_code == SVM_EXIT_EXCP_BASE + VEC_DB;
	bool is_over = s->rip != v->step.rip || (is_trap && s->dr6 & DR6_BS);

	if (!v->step.on)
		return;
	v->step.on = false;
	intercept(v, false);
	if (!v->step.tf)
		s->dr6 &= ~(u64)DR6_BS;
	v->step.raised = s->dr6 & DR6_STATUS;
	s->dr6 |= v->step.dr6;
	if (is_over)
		is_done(v);
	else
		s->rflags = (s->rflags & ~(u64)RFLAGS_TF) | v->step.tf;
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
