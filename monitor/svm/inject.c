/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See inject.h. The frame of #VC is pushed as APM2 8.9 says: through the IDT's gate, with IST or
 * the stack of the more privileged level, in long mode and in 32-bit protected mode (there without
 * a change of level).
 */
#include "monitor/svm/inject.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/machine/end.h"
#include "monitor/svm/profile.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/walk.h"

#define GATE_TYPE(high) (((high) >> 8) & 0xf)
#define GATE_PRESENT    0x8000
#define GATE_INTERRUPT  0xe
#define TSS64_RSP0      4
#define TSS64_IST1      36
#define ERROR_CODE_IDT  2

static void event(struct vcpu *v, unsigned int type, unsigned int vector, u64 error)
{
	u64 old = v->vmcb->control.event_inj;

	if (old)
		stop_crashed(v, "two events for one entry");
	v->vmcb->control.event_inj = EVENT_VALID | type << EVENT_TYPE_SHIFT | vector | error;
}

/* Those that are no faults: traps, what comes between instructions, and aborts. */
#define NO_FAULTS                                                                                  \
	(BIT(VEC_DB) | BIT(VEC_BP) | BIT(VEC_OF) | BIT(VEC_DF) | BIT(VEC_MC) | BIT(VEC_HV))

/* RF is in the frame of a fault (APM2 13.1.4, SDM 17.3.1.1), which QEMU 7.2 does not see to. */
static void exception(struct vcpu *v, unsigned int vector, u64 error)
{
	if (!(NO_FAULTS & BIT(vector)))
		v->vmcb->save.rflags |= RFLAGS_RF;
	event(v, EVENT_TYPE_EXCEPTION, vector, error);
}

void inject_exception(struct vcpu *v, unsigned int vector)
{
	TRACE(v->id, INJECT, "vector=%#x", vector);
	exception(v, vector, 0);
}

void inject_exception_error(struct vcpu *v, unsigned int vector, u32 error_code)
{
	TRACE(v->id, INJECT, "vector=%#x error=%#x", vector, error_code);
	exception(v, vector, EVENT_ERROR_CODE_VALID | (u64)error_code << 32);
}

void inject_ve(struct vcpu *v, u32 reason, u64 qualification, u64 gpa)
{
	if (profiling)
		profile_cause(v);
	TRACE(v->id, INJECT, "vector=%#x reason=%#x qualification=%#lx gpa=%#lx rip=%#lx", VEC_VE,
	      reason, qualification, gpa, v->vmcb->save.rip);
	exception(v, VEC_VE, 0);
}

void inject_interrupt(struct vcpu *v, unsigned int vector)
{
	TRACE(v->id, INJECT, "vector=%#x type=interrupt", vector);
	event(v, EVENT_TYPE_INTR, vector, 0);
}

void inject_nmi(struct vcpu *v)
{
	TRACE(v->id, INJECT, "vector=%#x type=nmi", VEC_NMI);
	event(v, EVENT_TYPE_NMI, VEC_NMI, 0);
}

/* What a gate says. */
struct gate {
	u64 offset;
	u16 selector;
	unsigned int ist;
	bool interrupt; /* clears IF */
};

static void vc_page_fault(struct vcpu *v, u64 address, u32 error_code)
{
	v->vmcb->save.cr2 = address;
	inject_exception_error(v, VEC_PF, error_code);
}

static bool read_gate(struct vcpu *v, struct gate *gate)
{
	unsigned int size = vcpu_long_mode(v) ? 16 : 8;
	u64 at = v->vmcb->save.idtr.base + VEC_VC * size;
	u32 words[4] = { 0 };
	u32 error_code;

	if ((VEC_VC + 1) * size - 1 > v->vmcb->save.idtr.limit) {
		inject_exception_error(v, VEC_GP, VEC_VC << 3 | ERROR_CODE_IDT);
		return false;
	}
	if (walk_read(v, at, words, size, &error_code)) {
		vc_page_fault(v, at, error_code);
		return false;
	}
	gate->offset = (words[1] & 0xffff0000) | (words[0] & 0xffff) | (u64)words[2] << 32;
	gate->selector = (u16)(words[0] >> 16);
	gate->ist = size == 16 ? words[1] & 7 : 0;
	gate->interrupt = GATE_TYPE(words[1]) == GATE_INTERRUPT;
	if ((GATE_TYPE(words[1]) & ~1u) != GATE_INTERRUPT) {
		inject_exception_error(v, VEC_GP, VEC_VC << 3 | ERROR_CODE_IDT);
		return false;
	}
	if (!(words[1] & GATE_PRESENT)) {
		inject_exception_error(v, VEC_NP, VEC_VC << 3 | ERROR_CODE_IDT);
		return false;
	}
	return true;
}

static bool read_code_segment(struct vcpu *v, u16 selector, struct vmcb_seg *cs)
{
	u64 at = v->vmcb->save.gdtr.base + (selector & ~7u);
	u64 descriptor;
	u32 error_code;

	if ((selector | 7u) > v->vmcb->save.gdtr.limit) {
		inject_exception_error(v, VEC_GP, selector & ~7u);
		return false;
	}
	if (walk_read(v, at, &descriptor, sizeof(descriptor), &error_code)) {
		vc_page_fault(v, at, error_code);
		return false;
	}
	cs->attrib = (u16)(bits_get(descriptor, 47, 40) | bits_get(descriptor, 55, 52) << 8);
	cs->base = bits_get(descriptor, 39, 16) | bits_get(descriptor, 63, 56) << 24;
	cs->limit = (u32)(bits_get(descriptor, 15, 0) | bits_get(descriptor, 51, 48) << 16);
	if (cs->attrib & 0x800)
		cs->limit = cs->limit << 12 | 0xfff;
	cs->selector = (u16)((selector & ~3u) | ((cs->attrib >> 5) & 3));
	return true;
}

/* RSP at which the frame is pushed, in long mode. */
static bool choose_stack(struct vcpu *v, const struct gate *gate, unsigned int cpl, u64 *rsp)
{
	struct vmsa *s = &v->vmcb->save;
	u64 at;
	u32 error_code;

	*rsp = s->rsp;
	if (gate->ist || cpl < s->cpl) {
		vmsave((u64)v->vmcb); /* TR is live in the processor */
		at = s->tr.base +
		     (gate->ist ? TSS64_IST1 + 8 * (gate->ist - 1) : TSS64_RSP0 + 8 * cpl);
		if (walk_read(v, at, rsp, sizeof(*rsp), &error_code)) {
			vc_page_fault(v, at, error_code);
			return false;
		}
	}
	*rsp = align_down(*rsp, (u64)16);
	return true;
}

static void enter_handler(struct vcpu *v, const struct gate *gate, const struct vmcb_seg *cs)
{
	struct vmsa *s = &v->vmcb->save;

	s->cs = *cs;
	s->rip = gate->offset;
	s->rflags &= ~(u64)(RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_VM);
	if (gate->interrupt)
		s->rflags &= ~(u64)RFLAGS_IF;
	v->vmcb->control.int_state = 0;
}

static bool deliver64(struct vcpu *v, u64 exit_code, const struct gate *gate,
		      const struct vmcb_seg *cs)
{
	struct vmsa *s = &v->vmcb->save;
	unsigned int cpl = (cs->attrib >> 5) & 3;
	u64 frame[6] = { exit_code, s->rip,        s->cs.selector, s->rflags | RFLAGS_RF,
			 s->rsp,    s->ss.selector };
	u32 error_code;
	u64 rsp;

	if (!choose_stack(v, gate, cpl, &rsp))
		return false;
	rsp -= sizeof(frame);
	if (walk_write(v, rsp, frame, sizeof(frame), &error_code)) {
		vc_page_fault(v, rsp, error_code);
		return false;
	}
	s->rsp = rsp;
	if (cpl < s->cpl) {
		s->ss = (struct vmcb_seg){ (u16)cpl, (u16)(cpl << 5), 0, 0 };
		s->cpl = (u8)cpl;
	}
	enter_handler(v, gate, cs);
	return true;
}

static bool deliver32(struct vcpu *v, u64 exit_code, const struct gate *gate,
		      const struct vmcb_seg *cs)
{
	struct vmsa *s = &v->vmcb->save;
	u32 frame[4] = { (u32)exit_code, (u32)s->rip, s->cs.selector,
			 (u32)(s->rflags | RFLAGS_RF) };
	u32 esp = (u32)s->rsp - sizeof(frame);
	u32 error_code;

	if (((cs->attrib >> 5) & 3) != s->cpl || !(s->cr0 & CR0_PE))
		stop_crashed(v, "#VC in a mode without a handler");
	if (walk_write(v, s->ss.base + esp, frame, sizeof(frame), &error_code)) {
		vc_page_fault(v, esp, error_code);
		return false;
	}
	s->rsp = esp;
	enter_handler(v, gate, cs);
	return true;
}

/* What cannot be delivered is another event, or its host's first: the instruction comes again. */
void inject_vc(struct vcpu *v, u64 exit_code)
{
	u64 rip = v->vmcb->save.rip;
	struct vmcb_seg cs;
	struct gate gate;
	bool done;

	if (v->vmcb->control.exit_int_info & EVENT_VALID)
		stop_crashed(v, "#VC while an event was delivered");
	if (profiling)
		profile_cause(v);
	if (!read_gate(v, &gate) || !read_code_segment(v, gate.selector, &cs))
		return;
	done = vcpu_long_mode(v) ? deliver64(v, exit_code, &gate, &cs)
				 : deliver32(v, exit_code, &gate, &cs);
	if (done)
		TRACE(v->id, INJECT, "vector=%#x error=%#lx rip=%#lx", VEC_VC, exit_code, rip);
}
