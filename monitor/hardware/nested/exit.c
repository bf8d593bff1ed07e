/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See exit.h. QEMU has neither NRIP save nor decode assists, which L1 was promised: the instruction
 * is fetched and decoded for it. Spec: APM2 15.7.1 (next RIP), 15.8.4 (decode assists).
 */
#include "monitor/hardware/nested/exit.h"

#include "lib/compiler.h"
#include "lib/string.h"
#include "monitor/hardware/cr.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/hardware/l1/nmi.h"
#include "monitor/hardware/nested/es.h"
#include "monitor/hardware/nested/msr.h"
#include "monitor/hardware/nested/port.h"
#include "monitor/hardware/nested/soft_event.h"
#include "monitor/hardware/nested/space.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/vmcb.h"

#define CR_ASSIST_VALID BIT(63)

/* The intercept that asks for an exit of @code, whose numbers run alike: APM2 appendix C */
static bool wants(const struct nested *n, u64 code)
{
	return code < 0xa0 && nested_is_intercepted(n, (unsigned int)code);
}

static void fetch(struct nested *n)
{
	struct vmcb_control_area *c = &n->l2.vmcb->control;
	const struct exit_context *e = &n->l2.exit;

	exit_insn(&n->l2);
	while (e->count && exit_fetch(&n->l2))
		;
	c->insn_len = e->count;
	memcpy(c->insn_bytes, e->bytes, e->count);
}

/* Bits 3:0 of EXITINFO1: the register. MOV alone has them, not LMSW and its like. */
static void assist_special(struct nested *n, const struct insn *insn)
{
	u64 *info = &n->l2.vmcb->control.exit_info_1;

	*info = 0;
	if (insn->kind == INSN_MOV_TO_CR || insn->kind == INSN_MOV_FROM_CR)
		*info = CR_ASSIST_VALID | insn->gpr;
	else if (insn->kind == INSN_MOV_TO_DR || insn->kind == INSN_MOV_FROM_DR)
		*info = insn->gpr;
}

static bool is_exception(u64 code)
{
	return code >= SVM_EXIT_EXCP_BASE && code < SVM_EXIT_EXCP_BASE + 32;
}

static void assist(struct nested *n, u64 code)
{
	struct vmcb_control_area *c = &n->l2.vmcb->control;
	const struct insn *insn;

	c->next_rip = 0;
	c->insn_len = 0;
	switch (code) {
	case SVM_EXIT_INTR ... SVM_EXIT_VINTR:
	case SVM_EXIT_SHUTDOWN:
	case SVM_EXIT_TASK_SWITCH: return;
	case SVM_EXIT_NPF:
		if (!(c->exit_info_1 & (NPF_I | NPF_TABLE_WALK)))
			fetch(n);
		return;
	case SVM_EXIT_EXCP_BASE + VEC_PF: fetch(n); return;
	default:
		if (is_exception(code) && code != SVM_EXIT_EXCP_BASE + VEC_BP &&
		    code != SVM_EXIT_EXCP_BASE + VEC_OF)
			return;
	}
	insn = exit_insn(&n->l2);
	if (insn->kind != INSN_UNKNOWN)
		c->next_rip = n->l2.vmcb->save.rip + insn->length;
	if (code < SVM_EXIT_EXCP_BASE || code == EXIT_CR0_SEL_WRITE)
		assist_special(n, insn);
}

/* True: it goes to L1 after all, or instead. */
static bool npf(struct nested *n)
{
	struct vmcb_control_area *c = &n->l2.vmcb->control;

	if (nested_fill(n, c->exit_info_2, c->exit_info_1 & ~(u64)(NPF_P | NPF_RSV)))
		return false;
	c->exit_info_1 = n->fault.info;
	c->exit_info_2 = n->fault.gpa;
	n->fault.kind = NESTED_FAULT_NONE;
	return true;
}

static bool own_exit(struct nested *n, u64 code)
{
	struct vcpu *v = &n->l2;

	switch (code) {
	case EXIT_CR8_WRITE: cr8_exit(v); return false;
	case SVM_EXIT_VMRUN:
	case SVM_EXIT_VMLOAD:
	case SVM_EXIT_VMSAVE:
	case SVM_EXIT_STGI:
	case SVM_EXIT_CLGI:
	case SVM_EXIT_INVLPGA:
	case SVM_EXIT_SKINIT: inject_exception(v, VEC_UD); return false;
	case SVM_EXIT_SHUTDOWN: stop_crashed(v, "a guest's shutdown, which its host lets be");
	case SVM_EXIT_NMI:
	case SVM_EXIT_INIT: return false; /* it waits for the next exit */
	default: stop_crashed(v, "an exit of a guest that nobody asked for");
	}
}

/*
 * What an NMI was that ended the run: a kick tells nobody of itself, but L1's processor of an INIT,
 * which comes before an NMI.
 */
static bool is_for_l1(struct nested *n, u64 *code)
{
	const struct vcpu *host = n->host->v;

	if (host->startup.action)
		n->l2.vmcb->control.exit_code = *code = SVM_EXIT_INIT;
	return host->startup.action || l1_nmi_is_due(host);
}

static bool is_l1s(struct nested *n, u64 code)
{
	if (code == SVM_EXIT_NMI && !is_for_l1(n, &code))
		return false;
	if (code == (u32)VMEXIT_INVALID) {
		n->l2.vmcb->control.exit_code = ~U64_C(0);
		return true;
	}
	if (n->mode >= NESTED_SEV_ES)
		return nested_es_exit(n, code);
	if (code == SVM_EXIT_NPF)
		return npf(n);
	if (code == SVM_EXIT_MSR)
		return nested_msr(n);
	if (code == SVM_EXIT_IOIO)
		return nested_port(n);
	return wants(n, code) || own_exit(n, code);
}

/* What the processor found missing when it fetched or pushed for L2 is L1's to give first. */
static bool take_fault(struct nested *n)
{
	struct vmcb_control_area *c = &n->l2.vmcb->control;

	if (!n->fault.kind)
		return false;
	if (n->fault.kind == NESTED_FAULT_VC)
		stop_crashed(&n->l2, "its tables, stack or text are not validated");
	c->event_inj = 0;
	n->l2.vmcb->save.cr2 = n->cr2;
	c->exit_code = SVM_EXIT_NPF;
	c->exit_info_1 = n->fault.info;
	c->exit_info_2 = n->fault.gpa;
	c->next_rip = 0;
	c->insn_len = 0;
	return true;
}

/*
 * An exception that is raised here, as #GP of an MSR that is played, is L1's to intercept as those
 * are that QEMU's processor raises: APM2 15.12. True: it goes to L1.
 */
static bool take_exception(struct nested *n)
{
	struct vmcb_control_area *c = &n->l2.vmcb->control;
	u64 event = c->event_inj, code = SVM_EXIT_EXCP_BASE + (event & EVENT_VECTOR_MASK);

	if (!(event & EVENT_VALID) ||
	    (event & EVENT_TYPE_MASK) != EVENT_TYPE_EXCEPTION << EVENT_TYPE_SHIFT ||
	    !is_exception(code) || !wants(n, code))
		return false;
	c->event_inj = 0;
	if (n->mode >= NESTED_SEV_ES) {
		inject_vc(&n->l2, code);
		return false;
	}
	c->exit_code = code;
	c->exit_info_1 = event & EVENT_ERROR_CODE_VALID ? event >> 32 : 0;
	c->exit_info_2 = code == SVM_EXIT_EXCP_BASE + VEC_PF ? n->l2.vmcb->save.cr2 : 0;
	assist(n, code);
	return true;
}

bool nested_exit(struct nested *n)
{
	struct vmcb_control_area *c = &n->l2.vmcb->control;
	u64 code = (u32)c->exit_code;

	c->exit_int_info = inject_broken_off(&n->l2); /* L1's to inject again, if it is told */
	if (is_l1s(n, code)) {
		if (c->exit_code != ~U64_C(0) && n->mode < NESTED_SEV_ES)
			assist(n, c->exit_code);
		soft_event_exit(n, true);
		return true;
	}
	if (take_fault(n) || take_exception(n)) {
		soft_event_exit(n, true);
		return true;
	}
	soft_event_exit(n, false);
	inject_again(&n->l2);
	return false;
}
