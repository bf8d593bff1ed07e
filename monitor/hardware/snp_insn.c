/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See snp_insn.h. Spec: APM3 PVALIDATE, RMPADJUST.
 */
#include "monitor/hardware/snp_insn.h"

#include "lib/compiler.h"
#include "monitor/machine/end.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/denied.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/profile.h"
#include "monitor/svm/segment.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/walk.h"

/* What is most frequent is told at once: an address of 8 bytes is of 64-bit code. */
bool snp_insn_address(struct vcpu *v, const struct insn *insn, u64 *linear)
{
	*linear = v->vmcb->save.rax;
	if (insn->address_size == sizeof(*linear) && insn->segment < INSN_SEGMENT_FS &&
	    (u64)((s64)(*linear << 16) >> 16) == *linear)
		return true;
	return segment_read(v, insn->segment, *linear & bits_mask(8 * insn->address_size), 1,
			    linear);
}

/* The guest-physical address that rAX names, by a private mapping; false after a fault. */
static bool operand(struct vcpu *v, const struct insn *insn, u64 *gpa)
{
	u64 linear, address;
	u32 error_code;

	if (!snp_insn_address(v, insn, &linear))
		return false;
	if (walk(v, linear, ACCESS_READ, false, &address, &error_code)) {
		v->vmcb->save.cr2 = linear;
		inject_exception_error(v, VEC_PF, error_code);
		return false;
	}
	*gpa = address & ~v->npt->alias_bit;
	if (kind_is_shared(v, address))
		stop_violation(v, VIOLATION_PVALIDATE_SHARED_ALIAS, "gpa=%#lx", *gpa);
	if (denied_is_astray(*gpa))
		stop_violation(v, VIOLATION_HOST_DENIED, "gpa=%#lx", *gpa);
	return true;
}

/*
 * What other processors have in their TLBs they may use until the host's page-state change:
 * PVALIDATE invalidates no TLB (APM3), and RMPADJUST's text says nothing of one.
 */
static void finish(struct vcpu *v, const struct rmp_result *r, u64 gpa, u64 size)
{
	u64 bytes = size ? PAGE_2M_SIZE : PAGE_SIZE;

	v->vmcb->save.rflags &= ~(u64)RMP_RESULT_RFLAGS;
	v->vmcb->save.rflags |= rmp_result_rflags(r);
	v->vmcb->save.rax = r->status;
	exit_finish(v);
	npt_unmap_lazily(v->npt, align_down(gpa, bytes), bytes);
}

void snp_pvalidate(struct vcpu *v, const struct insn *insn)
{
	/* Linux hands a bool over in EDX with whatever is above bit 0: only that bit counts. */
	bool validate = v->gpr[REG_RDX] & 1;
	u64 size = (u32)v->gpr[REG_RCX];
	struct rmp_result r;
	u64 gpa;

	if (v->vmcb->save.cpl) {
		inject_exception_error(v, VEC_GP, 0);
		return;
	}
	if (!operand(v, insn, &gpa))
		return;
	profile_asked(v, EVENT_PVALIDATE, validate);
	r = rmp_pvalidate(&hardware.rmp, gpa, size, validate);
	if (r.violation)
		stop_violation(v, denied_or(r.violation, r.gpa), "gpa=%#lx size=%#lx validate=%#x",
			       r.gpa, size, validate);
	TRACE(v->id, PVALIDATE, "gpa=%#lx size=%#lx validate=%#x status=%#x unchanged=%d", gpa,
	      size, validate, r.status, r.unchanged);
	finish(v, &r, gpa, size);
}

void snp_rmpadjust(struct vcpu *v, const struct insn *insn)
{
	u64 size = v->gpr[REG_RCX], attributes = v->gpr[REG_RDX];
	struct rmp_result r;
	u64 gpa;

	if (v->vmcb->save.cpl) {
		inject_exception_error(v, VEC_GP, 0);
		return;
	}
	if (!operand(v, insn, &gpa))
		return;
	profile_asked(v, EVENT_RMPADJUST, attributes);
	r = rmp_adjust(&hardware.rmp, 0, gpa, size, attributes);
	if (r.violation)
		stop_violation(v, denied_or(r.violation, r.gpa),
			       "gpa=%#lx size=%#lx attributes=%#lx", r.gpa, size, attributes);
	TRACE(v->id, RMPADJUST, "gpa=%#lx size=%#lx attributes=%#lx status=%#x", gpa, size,
	      attributes, r.status);
	finish(v, &r, gpa, size);
}
