/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cr.h. The write is done here, so that the very next access is judged by the right view, and
 * since the processor below does not refuse what it should: a reserved bit of CR4 ends the guest.
 * Spec: APM2 3.1.1, 3.1.3 (what is refused), 14.6 (entering long mode).
 */
#include "monitor/hardware/cr.h"

#include "monitor/hardware/state.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/vmcb.h"
#include "monitor/svm/walk.h"

/* What the guest's CPUID offers: all that TCG has but LA57 and PKE. */
#define CR4_LEGACY 0x000007ff
#define CR4_KNOWN  (CR4_LEGACY | CR4_UMIP | CR4_FSGSBASE | CR4_OSXSAVE | CR4_SMEP | CR4_SMAP)

#define OPCODE_IRET    0xcf
#define RFLAGS_OF_IRET 0x7fd5 /* in real mode: all of the low half that can change */

static bool cr0_is_legal(const struct vmsa *s, u64 cr0)
{
	if (cr0 >> 32 || (cr0 & CR0_PG && !(cr0 & CR0_PE)) || (cr0 & CR0_NW && !(cr0 & CR0_CD)))
		return false;
	if (s->cr0 & CR0_PG || !(cr0 & CR0_PG) || !(s->efer & EFER_LME))
		return true;
	return s->cr4 & CR4_PAE;
}

static bool cr4_is_legal(const struct vmsa *s, u64 cr4)
{
	return !(cr4 & ~(u64)CR4_KNOWN) && (cr4 & CR4_PAE || !(s->efer & EFER_LMA));
}

static void cr0_write(struct vmsa *s, u64 cr0)
{
	s->efer &= ~(u64)EFER_LMA;
	if (cr0 & CR0_PG && s->efer & EFER_LME)
		s->efer |= EFER_LMA;
	s->cr0 = cr0;
}

static void watch_real_iret(struct vcpu *v)
{
	const struct vmsa *s = &v->vmcb->save;

	v->hardware->real_iret = !(s->cr0 & CR0_PE) && s->ss.attrib & SEG_ATTRIB_D;
	if (v->hardware->real_iret)
		vmcb_intercept(v->vmcb, VMCB_INTERCEPT_IRET, true);
}

void cr_real_iret(struct vcpu *v)
{
	struct vmsa *s = &v->vmcb->save;
	struct {
		u16 ip, cs, flags;
	} frame;
	u32 error;

	v->hardware->real_iret = false;
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_IRET, false);
	exit_insn(v);
	if (s->cr0 & CR0_PE || !(s->ss.attrib & SEG_ATTRIB_D) || !v->exit.count ||
	    v->exit.bytes[0] != OPCODE_IRET ||
	    walk_read(v, s->ss.base + (u32)s->rsp, &frame, sizeof(frame), &error))
		return;
	s->rsp = (u32)s->rsp + sizeof(frame);
	s->rip = frame.ip;
	s->cs.selector = frame.cs;
	s->cs.base = (u64)frame.cs << 4;
	s->rflags = (s->rflags & ~(u64)RFLAGS_OF_IRET) | (frame.flags & RFLAGS_OF_IRET);
}

void cr_exit(struct vcpu *v, unsigned int cr)
{
	struct vmsa *s = &v->vmcb->save;
	const struct insn *insn = exit_insn(v);
	u64 value;

	if (!exit_is(v, cr ? EXIT_CR4_WRITE : EXIT_CR0_SEL_WRITE))
		return;
	if (insn->kind == INSN_LMSW) {
		/* No switch of paging. From here on one is seen at the next exit only. */
		vmcb_intercept(v->vmcb, VMCB_INTERCEPT_CR0_SEL_WRITE, false);
		return;
	}
	value = *vcpu_reg(v, insn->gpr);
	if (!vcpu_long_mode(v))
		value = (u32)value;
	if (cr == 0)
		value |= CR0_ET;
	if (!guest.hardware->write_cr(v, cr, value, insn))
		return;
	if (!(cr ? cr4_is_legal(s, value) : cr0_is_legal(s, value))) {
		inject_exception_error(v, VEC_GP, 0);
		return;
	}
	if (cr)
		s->cr4 = value;
	else
		cr0_write(s, value);
	exit_finish(v);
	watch_real_iret(v);
}

void cr8_exit(struct vcpu *v)
{
	u64 value;

	if (!exit_is(v, EXIT_CR8_WRITE))
		return;
	value = *vcpu_reg(v, exit_insn(v)->gpr);
	if (value & ~(u64)VINTR_TPR_MASK) {
		inject_exception_error(v, VEC_GP, 0);
		return;
	}
	v->vmcb->control.int_ctl &= ~(u64)VINTR_TPR_MASK;
	v->vmcb->control.int_ctl |= value;
	exit_finish(v);
}
