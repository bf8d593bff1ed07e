/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See segment.h. Does not: the limits of FS and GS, which are live in the processor.
 */
#include "monitor/svm/segment.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/svm/inject.h"

/* Bits of a descriptor's type */
#define TYPE_READ_WRITE  0x2 /* code: may be read; data: may be written */
#define TYPE_EXPAND_DOWN 0x4 /* data */
#define TYPE_CODE        0x8

static const struct vmcb_seg *stored(const struct vcpu *v, enum insn_segment segment)
{
	const struct vmsa *s = &v->vmcb->save;
	const struct vmcb_seg *const segments[] = {
		[INSN_SEGMENT_ES] = &s->es,
		[INSN_SEGMENT_CS] = &s->cs,
		[INSN_SEGMENT_SS] = &s->ss,
		[INSN_SEGMENT_DS] = &s->ds,
	};

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

static bool is_readable(const struct vmcb_seg *s)
{
	return s->attrib & SEG_ATTRIB_P && (s->attrib & (TYPE_CODE | TYPE_READ_WRITE)) != TYPE_CODE;
}

static bool is_allowed(const struct vcpu *v, enum insn_segment segment, u64 offset,
		       unsigned int size)
{
	bool is_protected = v->vmcb->save.cr0 & CR0_PE && !(v->vmcb->save.rflags & RFLAGS_VM);

	if (segment == INSN_SEGMENT_FS || segment == INSN_SEGMENT_GS)
		return true;
	return (!is_protected || is_readable(stored(v, segment))) &&
	       is_inside(stored(v, segment), offset, offset + size - 1);
}

static bool is_canonical(const struct vcpu *v, u64 linear)
{
	unsigned int unused = v->vmcb->save.cr4 & CR4_LA57 ? 7 : 16;

	return (u64)((s64)(linear << unused) >> unused) == linear;
}

bool segment_read(struct vcpu *v, enum insn_segment segment, u64 offset, unsigned int size,
		  u64 *linear)
{
	bool is_64bit = vcpu_is_64bit(v);

	*linear = segment_base(v, segment) + offset;
	if (is_64bit ? is_canonical(v, *linear) && is_canonical(v, *linear + size - 1)
		     : is_allowed(v, segment, offset, size)) {
		if (!is_64bit)
			*linear = (u32)*linear;
		return true;
	}
	inject_exception_error(v, segment == INSN_SEGMENT_SS ? VEC_SS : VEC_GP, 0);
	return false;
}
