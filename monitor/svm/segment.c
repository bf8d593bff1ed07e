/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See segment.h.
 */
#include "monitor/svm/segment.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/svm/inject.h"

/* Bits of a descriptor's type */
#define TYPE_READ_WRITE  0x2 /* code: may be read; data: may be written */
#define TYPE_EXPAND_DOWN 0x4 /* data */
#define TYPE_CODE        0x8

/* Where the processor's own registers go to be looked at. */
static __aligned_page struct vmcb live;

/* Of FS and GS only VMSAVE tells: they are live in the processor. */
static const struct vmcb_seg *stored(const struct vcpu *v, enum insn_segment segment)
{
	const struct vmsa *s = &v->vmcb->save;
	const struct vmcb_seg *const segments[] = {
		[INSN_SEGMENT_FS] = &live.save.fs, [INSN_SEGMENT_GS] = &live.save.gs,
		[INSN_SEGMENT_ES] = &s->es,        [INSN_SEGMENT_CS] = &s->cs,
		[INSN_SEGMENT_SS] = &s->ss,        [INSN_SEGMENT_DS] = &s->ds,
	};

	if (segment == INSN_SEGMENT_FS || segment == INSN_SEGMENT_GS)
		vmsave((u64)&live);
	return segments[segment];
}

u64 segment_base(const struct vcpu *v, enum insn_segment segment)
{
	switch (segment) {
	case INSN_SEGMENT_FS: return rdmsr(MSR_FS_BASE);
	case INSN_SEGMENT_GS: return rdmsr(MSR_GS_BASE);
	default: return vcpu_is_64bit(v) ? 0 : stored(v, segment)->base;
	}
}

/* The first and the last offset are inside; a sum of 32 bits that goes over is outside. */
static bool is_inside(const struct vmcb_seg *s, u64 first, u64 last)
{
	if ((s->attrib & (TYPE_CODE | TYPE_EXPAND_DOWN)) != TYPE_EXPAND_DOWN)
		return last <= s->limit;
	return first > s->limit && last <= (s->attrib & SEG_ATTRIB_D ? 0xffffffff : 0xffff);
}

static bool is_allowed_type(const struct vmcb_seg *s, enum access_kind kind)
{
	bool is_code = s->attrib & TYPE_CODE, has_right = s->attrib & TYPE_READ_WRITE;

	return s->attrib & SEG_ATTRIB_P &&
	       (kind == ACCESS_WRITE ? !is_code && has_right : !is_code || has_right);
}

static bool is_allowed(const struct vcpu *v, enum insn_segment segment, enum access_kind kind,
		       u64 offset, u64 size)
{
	bool is_protected = v->vmcb->save.cr0 & CR0_PE && !(v->vmcb->save.rflags & RFLAGS_VM);
	const struct vmcb_seg *s = stored(v, segment);

	return (!is_protected || is_allowed_type(s, kind)) &&
	       is_inside(s, offset, offset + size - 1);
}

static bool is_canonical(const struct vcpu *v, u64 linear)
{
	unsigned int unused = v->vmcb->save.cr4 & CR4_LA57 ? 7 : 16;

	return (u64)((s64)(linear << unused) >> unused) == linear;
}

bool segment_reaches(const struct vcpu *v, enum insn_segment segment, enum access_kind kind,
		     u64 offset, u64 size, u64 *linear)
{
	bool is_64bit = vcpu_is_64bit(v);

	*linear = segment_base(v, segment) + offset;
	if (is_64bit)
		return is_canonical(v, *linear) && is_canonical(v, *linear + size - 1);
	*linear = (u32)*linear;
	return is_allowed(v, segment, kind, offset, size);
}

void segment_refuse(struct vcpu *v, enum insn_segment segment)
{
	inject_exception_error(v, segment == INSN_SEGMENT_SS ? VEC_SS : VEC_GP, 0);
}

bool segment_read(struct vcpu *v, enum insn_segment segment, u64 offset, unsigned int size,
		  u64 *linear)
{
	if (segment_reaches(v, segment, ACCESS_READ, offset, size, linear))
		return true;
	segment_refuse(v, segment);
	return false;
}
