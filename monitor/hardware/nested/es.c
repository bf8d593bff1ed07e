/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See es.h.
 */
#include "monitor/hardware/nested/es.h"

#include "lib/compiler.h"
#include "monitor/hardware/cr.h"
#include "monitor/hardware/nested/msr.h"
#include "monitor/hardware/nested/port.h"
#include "monitor/hardware/nested/rmp_insn.h"
#include "monitor/hardware/nested/space.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/vmcb.h"

/* L1 may ask for a trap behind a write, not for an exit before it. */
static const u16 ours[] = {
	VMCB_INTERCEPT_CR0_SEL_WRITE,
	VMCB_INTERCEPT_CR_WRITE(4),
	VMCB_INTERCEPT_EXCEPTION(VEC_UD),
	VMCB_INTERCEPT_VMMCALL,
};

void nested_es_intercept(struct nested *n)
{
	for (unsigned int i = 0; i < array_count(ours); i++)
		vmcb_intercept(n->l2.vmcb, ours[i], true);
	if (n->mode == NESTED_SNP) /* whatever L1 asks for, as ports: APM2 15.36.12 */
		vmcb_intercept(n->l2.vmcb, VMCB_INTERCEPT_CPUID, true);
	if (n->l2.hardware->real_iret)
		vmcb_intercept(n->l2.vmcb, VMCB_INTERCEPT_IRET, true);
}

static bool wants(const struct nested *n, u64 code)
{
	return code < 32 * array_count(n->intercepts) &&
	       nested_is_intercepted(n, (unsigned int)code);
}

/* An automatic exit, which tells L1 no more than its code. */
static bool tell(struct nested *n, u64 code, u64 info)
{
	struct vmcb_control_area *c = &n->l2.vmcb->control;

	c->exit_code = code;
	c->exit_info_1 = info;
	c->exit_info_2 = 0;
	return true;
}

/* Behind a write of a control register or EFER that has been executed: APM2 15.35.6 */
static bool trap(struct nested *n, u64 code, u64 before, u64 now)
{
	if (before == now || !wants(n, code))
		return false;
	return tell(n, code, now);
}

static bool control_register(struct nested *n, unsigned int cr)
{
	struct vmsa *s = &n->l2.vmcb->save;
	u64 *value = cr ? &s->cr4 : &s->cr0, before = *value;

	cr_exit(&n->l2, cr);
	return trap(n, SVM_EXIT_CR_WRITE_TRAP(cr), before, *value);
}

static bool task_priority(struct nested *n)
{
	struct vmcb_control_area *c = &n->l2.vmcb->control;
	u64 before = c->int_ctl & VINTR_TPR_MASK;

	cr8_exit(&n->l2);
	return trap(n, SVM_EXIT_CR_WRITE_TRAP(8), before, c->int_ctl & VINTR_TPR_MASK);
}

/* #VC says where; the page that is not validated is named by CR2: APM2 15.36.10 */
static bool page_not_validated(struct nested *n)
{
	u64 linear;

	if (exit_operand(&n->l2, n->fault.info & NPF_W, &linear))
		n->l2.vmcb->save.cr2 = linear;
	n->fault.kind = NESTED_FAULT_NONE;
	inject_vc(&n->l2, SVM_EXIT_PAGE_NOT_VALIDATED);
	return false;
}

/* What L1's tables reserve is how it says that there is a device: the guest is to ask. */
static bool npf(struct nested *n)
{
	struct vmcb_control_area *c = &n->l2.vmcb->control;

	if (nested_fill(n, c->exit_info_2, c->exit_info_1))
		return false;
	if (n->fault.kind == NESTED_FAULT_VC)
		return page_not_validated(n);
	if (n->fault.info & NPF_RSV) {
		n->fault.kind = NESTED_FAULT_NONE;
		inject_vc(&n->l2, SVM_EXIT_NPF);
		return false;
	}
	c->exit_info_1 = n->fault.info;
	c->exit_info_2 = n->fault.gpa;
	n->fault.kind = NESTED_FAULT_NONE;
	return true;
}

static bool vmmcall(struct nested *n)
{
	struct vcpu *v = &n->l2;

	if (!exit_is(v, SVM_EXIT_VMMCALL))
		return false;
	if (exit_insn(v)->kind == INSN_VMGEXIT) {
		exit_finish(v);
		return tell(n, SVM_EXIT_VMGEXIT, 0);
	}
	if (wants(n, SVM_EXIT_VMMCALL))
		inject_vc(v, SVM_EXIT_VMMCALL);
	else
		inject_exception(v, VEC_UD);
	return false;
}

static bool msr(struct nested *n)
{
	u64 before = n->l2.vmcb->save.efer & ~(u64)EFER_SVME;

	if (nested_msr(n)) {
		inject_vc(&n->l2, SVM_EXIT_MSR);
		return false;
	}
	return trap(n, SVM_EXIT_EFER_WRITE_TRAP, before, n->l2.vmcb->save.efer & ~(u64)EFER_SVME);
}

/* Behind the instruction: the host cannot move RIP. */
static bool idle(struct nested *n, u64 code)
{
	if (!exit_is(&n->l2, code))
		return false;
	exit_finish(&n->l2);
	return tell(n, code, 0);
}

static bool undefined(struct nested *n)
{
	struct vcpu *v = &n->l2;

	if (!exit_is(v, SVM_EXIT_EXCP_BASE + VEC_UD) || nested_rmp_insn(n, exit_insn(v)))
		return false;
	if (wants(n, SVM_EXIT_EXCP_BASE + VEC_UD))
		inject_vc(v, SVM_EXIT_EXCP_BASE + VEC_UD);
	else
		inject_exception(v, VEC_UD);
	return false;
}

bool nested_es_exit(struct nested *n, u64 code)
{
	struct vcpu *v = &n->l2;

	switch (code) {
	case SVM_EXIT_INTR:
	case SVM_EXIT_NMI:
	case SVM_EXIT_SMI:
	case SVM_EXIT_INIT:
	case SVM_EXIT_VINTR: return wants(n, code) && tell(n, code, 0);
	case SVM_EXIT_SHUTDOWN:
		if (!wants(n, code))
			stop_crashed(v, "a guest's shutdown, which its host lets be");
		return tell(n, code, 0);
	case SVM_EXIT_HLT:
	case SVM_EXIT_PAUSE: return idle(n, code);
	case SVM_EXIT_IRET:
		if (v->hardware->real_iret)
			cr_real_iret(v);
		else
			inject_vc(v, code);
		return false;
	case SVM_EXIT_NPF: return npf(n);
	case SVM_EXIT_VMMCALL: return vmmcall(n);
	case SVM_EXIT_MSR: return msr(n);
	case SVM_EXIT_IOIO:
		if (n->mode == NESTED_SNP || nested_port(n))
			inject_vc(v, code);
		return false;
	case EXIT_CR0_SEL_WRITE: return control_register(n, 0);
	case EXIT_CR4_WRITE: return control_register(n, 4);
	case EXIT_CR8_WRITE: return task_priority(n);
	case SVM_EXIT_EXCP_BASE + VEC_UD: return undefined(n);
	case SVM_EXIT_VMRUN:
	case SVM_EXIT_VMLOAD:
	case SVM_EXIT_VMSAVE:
	case SVM_EXIT_STGI:
	case SVM_EXIT_CLGI:
	case SVM_EXIT_INVLPGA:
	case SVM_EXIT_SKINIT: inject_exception(v, VEC_UD); return false;
	default: inject_vc(v, exit_true_code(v, code)); return false;
	}
}
