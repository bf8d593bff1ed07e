/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See rmp_insn.h.
 */
#include "monitor/hardware/nested/rmp_insn.h"

#include "lib/compiler.h"
#include "monitor/hardware/l1/rmp.h"
#include "monitor/hardware/nested/l1_npt.h"
#include "monitor/hardware/nested/rmp_check.h"
#include "monitor/hardware/nested/space.h"
#include "monitor/hardware/rmp.h"
#include "monitor/hardware/snp_insn.h"
#include "monitor/machine/end.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/walk.h"

struct operand {
	u64 gpa;
	u64 pa;
};

/* The page that RAX names, through L2's tables and L1's; false after #PF, #GP, or n->fault. */
static bool translate(struct nested *n, const struct insn *insn, struct operand *o)
{
	struct vcpu *v = &n->l2;
	u64 linear, address;
	u64 info = NPF_FINAL | NPF_U;
	struct l1_npt_leaf leaf;
	u32 error_code;

	if (!snp_insn_address(v, insn, &linear))
		return false;
	if (walk(v, linear, ACCESS_READ, false, &address, &error_code)) {
		v->vmcb->save.cr2 = linear;
		inject_exception_error(v, VEC_PF, error_code);
		return false;
	}
	o->gpa = align_down(address & ~v->npt->alias_bit, (u64)PAGE_SIZE);
	if (!vcpu_always_private(v) && !(address & v->npt->alias_bit)) {
		inject_exception_error(v, VEC_GP, 0); /* not an encrypted page: APM3 */
		return false;
	}
	info |= NPF_ENC;
	if (!l1_npt_walk(n->ncr3, o->gpa, &info, &leaf)) {
		n->fault = (struct nested_fault){ NESTED_FAULT_NPF, o->gpa, info };
		return false;
	}
	o->pa = align_down(leaf.pa, (u64)PAGE_SIZE);
	return true;
}

static void finish(struct nested *n, const struct operand *o, u64 size, const struct rmp_change *c)
{
	struct rmp_result result = { .status = c->status, .unchanged = c->unchanged };
	struct vcpu *v = &n->l2;
	u64 bytes = size ? PAGE_2M_SIZE : PAGE_SIZE;

	if (nested_rmp_fault(n, o->gpa, c->fault))
		return;
	v->vmcb->save.rflags &= ~(u64)RMP_RESULT_RFLAGS;
	v->vmcb->save.rflags |= rmp_result_rflags(&result);
	v->vmcb->save.rax = c->status;
	exit_finish(v);
	if (!c->status)
		nested_forget(align_down(o->pa, bytes), bytes);
}

static void pvalidate(struct nested *n, const struct insn *insn)
{
	const struct vcpu *v = &n->l2;
	bool validate = v->gpr[REG_RDX] & 1;
	u64 size = (u32)v->gpr[REG_RCX];
	struct rmp_change c;
	struct operand o;

	if (!translate(n, insn, &o))
		return;
	c = rmp_table_pvalidate(l1_rmp(), n->asid, o.gpa, o.pa, size, validate);
	if (!c.fault)
		TRACE(v->id, PVALIDATE, "gpa=%#lx size=%#lx validate=%#x status=%#x unchanged=%d",
		      o.gpa, size, validate, c.status, c.unchanged);
	finish(n, &o, size, &c);
}

static void rmpadjust(struct nested *n, const struct insn *insn)
{
	const struct vcpu *v = &n->l2;
	u64 size = v->gpr[REG_RCX], attributes = v->gpr[REG_RDX];
	struct rmp_change c;
	struct operand o;

	if (!translate(n, insn, &o))
		return;
	c = rmp_table_adjust(l1_rmp(), n->asid, n->vmpl, o.gpa, o.pa, size, attributes);
	if (!c.fault)
		TRACE(v->id, RMPADJUST, "gpa=%#lx size=%#lx attributes=%#lx status=%#x", o.gpa,
		      size, attributes, c.status);
	finish(n, &o, size, &c);
}

bool nested_rmp_insn(struct nested *n, const struct insn *insn)
{
	if (n->mode != NESTED_SNP || (insn->kind != INSN_PVALIDATE && insn->kind != INSN_RMPADJUST))
		return false;
	if (n->l2.vmcb->save.cpl)
		inject_exception_error(&n->l2, VEC_GP, 0);
	else if (insn->kind == INSN_PVALIDATE)
		pvalidate(n, insn);
	else
		rmpadjust(n, insn);
	return true;
}
