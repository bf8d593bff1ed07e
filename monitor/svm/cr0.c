/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cr0.h. The write is done here, so that the very next access is judged by the right view.
 * Spec: APM2 3.1.1 (what CR0 refuses), 14.6 (entering long mode).
 */
#include "monitor/svm/cr0.h"

#include "monitor/svm/inject.h"
#include "monitor/svm/vmcb.h"
#include "monitor/svm/walk.h"

static bool is_legal(const struct vmsa *s, u64 cr0)
{
	if (cr0 >> 32 || (cr0 & CR0_PG && !(cr0 & CR0_PE)) || (cr0 & CR0_NW && !(cr0 & CR0_CD)))
		return false;
	if (s->cr0 & CR0_PG || !(cr0 & CR0_PG) || !(s->efer & EFER_LME))
		return true;
	return s->cr4 & CR4_PAE;
}

void cr0_exit(struct vcpu *v)
{
	struct vmsa *s = &v->vmcb->save;
	struct insn insn = walk_insn(v);
	u64 cr0;

	if (insn.kind != INSN_MOV_TO_CR || insn.special != 0) {
		/* LMSW: no switch of paging. From here on one is seen at the next exit only. */
		vmcb_intercept(v->vmcb, VMCB_INTERCEPT_CR0_SEL_WRITE, false);
		return;
	}
	cr0 = *vcpu_reg(v, insn.gpr) | CR0_ET;
	if (!vcpu_long_mode(v))
		cr0 = (u32)cr0;
	if (!is_legal(s, cr0)) {
		inject_exception_error(v, VEC_GP, 0);
		return;
	}
	s->efer &= ~(u64)EFER_LMA;
	if (cr0 & CR0_PG && s->efer & EFER_LME)
		s->efer |= EFER_LMA;
	s->cr0 = cr0;
	s->rip += insn.length;
}
