/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An address has its segment's base, lies inside of its limit, and is canonical in 64-bit mode:
 * else #GP, or #SS of the stack segment. Nobody below looks at limits: TCG has none.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>

#define rdmsr  rdmsr_of_the_processor
#define vmsave vmsave_of_the_processor
#include "lib/cpu.h"
#undef rdmsr
#undef vmsave
#include "abi/vmcb.h"
static u64 rdmsr(u32 msr) { return msr == MSR_FS_BASE ? 0xf5000000 : 0x65000000; }
static struct vmcb_seg fs_and_gs;
static void vmsave(u64 vmcb) { ((struct vmcb *)vmcb)->save.fs = fs_and_gs; }

#include "../../monitor/svm/segment.c"

#define READ_ONLY_CODE (SEG_ATTRIB_CODE32 & ~0x2)
#define DOWN           (SEG_ATTRIB_DATA | 0x4)
#define NOWHERE        (~U64_C(0))

static struct vmcb vmcb;
static struct vcpu cpu = { .vmcb = &vmcb };
static unsigned int injected;

void inject_exception_error(struct vcpu *v, unsigned int vector, u32 code)
{
	(void)v;
	assert(!code);
	injected = vector;
}

static bool can_write(enum insn_segment segment, u64 offset, unsigned int size)
{
	u64 linear;

	return segment_reaches(&cpu, segment, ACCESS_WRITE, offset, size, &linear);
}

static u64 at(enum insn_segment segment, u64 offset, unsigned int size)
{
	u64 linear;

	injected = 0;
	if (segment_read(&cpu, segment, offset, size, &linear)) {
		assert(!injected);
		return linear;
	}
	assert(injected == (segment == INSN_SEGMENT_SS ? VEC_SS : VEC_GP));
	return NOWHERE;
}

static void to_32bit(u16 attrib, u32 limit)
{
	struct vmcb_seg data = { .attrib = attrib, .limit = limit, .base = 0x100000 };
	struct vmsa *s = &vmcb.save;

	s->cr0 = CR0_PE;
	s->cs.attrib = SEG_ATTRIB_CODE32;
	s->ds = s->es = s->ss = data;
	s->ds.base = U64_C(0x100000);
}

static void limits(void)
{
	to_32bit(SEG_ATTRIB_DATA, 0xffffffff);
	assert(at(INSN_SEGMENT_DS, 0x1234, 2) == 0x101234);
	assert(at(INSN_SEGMENT_ES, 0xfff00000, 2) == 0); /* a linear address has 32 bits */
	assert(at(INSN_SEGMENT_SS, 0xfffffffe, 2) == 0xffffe);
	assert(at(INSN_SEGMENT_SS, 0xffffffff, 2) == NOWHERE); /* an offset goes round no end */
	to_32bit(SEG_ATTRIB_DATA, 0xfff);
	assert(at(INSN_SEGMENT_DS, 0xffe, 2) == 0x100ffe &&
	       at(INSN_SEGMENT_DS, 0xfff, 2) == NOWHERE);
	to_32bit(DOWN, 0xfff);
	assert(at(INSN_SEGMENT_DS, 0x1000, 2) == 0x101000 &&
	       at(INSN_SEGMENT_DS, 0xfff, 2) == NOWHERE);
	assert(at(INSN_SEGMENT_DS, 0xfffffffe, 2) == 0xffffe);
	fs_and_gs = (struct vmcb_seg){ .attrib = SEG_ATTRIB_DATA, .limit = 0xf };
	assert(at(INSN_SEGMENT_FS, 0xe, 2) == 0xf500000e && at(INSN_SEGMENT_FS, 0xf, 2) == NOWHERE);
	to_32bit(DOWN & ~SEG_ATTRIB_D, 0xfff);
	assert(at(INSN_SEGMENT_SS, 0xfffe, 2) != NOWHERE &&
	       at(INSN_SEGMENT_SS, 0xffff, 2) == NOWHERE);
}

static void types(void)
{
	to_32bit(0, 0xffffffff); /* a null selector's */
	assert(at(INSN_SEGMENT_DS, 0, 2) == NOWHERE && at(INSN_SEGMENT_SS, 0, 2) == NOWHERE);
	vmcb.save.cr0 = 0; /* in real mode there is no type */
	assert(at(INSN_SEGMENT_DS, 0, 2) == 0x100000);
	to_32bit(READ_ONLY_CODE, 0xffffffff);
	assert(at(INSN_SEGMENT_DS, 0, 2) == NOWHERE);
	to_32bit(SEG_ATTRIB_CODE32, 0xffffffff);
	assert(at(INSN_SEGMENT_DS, 0, 2) == 0x100000 && !can_write(INSN_SEGMENT_DS, 0, 2));
	to_32bit(SEG_ATTRIB_DATA & ~0x2, 0xffffffff); /* to be read only */
	assert(at(INSN_SEGMENT_DS, 0, 2) == 0x100000 && !can_write(INSN_SEGMENT_DS, 0, 2));
	to_32bit(SEG_ATTRIB_DATA, 0xff);
	assert(can_write(INSN_SEGMENT_DS, 0xfe, 2) && !can_write(INSN_SEGMENT_DS, 0xff, 2));
}

static void long_mode(void)
{
	to_32bit(0, 0);
	vmcb.save.efer = EFER_LMA;
	assert(at(INSN_SEGMENT_DS, 0, 2) == NOWHERE); /* compatibility mode is 32-bit code */
	vmcb.save.cs.attrib = SEG_ATTRIB_CODE64;
	assert(at(INSN_SEGMENT_DS, 0x123456789, 1) == 0x123456789);
	assert(at(INSN_SEGMENT_FS, 1, 1) == 0xf5000001 && at(INSN_SEGMENT_GS, 1, 1) == 0x65000001);
	assert(at(INSN_SEGMENT_DS, 0x7fffffffffff, 1) == 0x7fffffffffff);
	assert(at(INSN_SEGMENT_DS, 0x7fffffffffff, 2) == NOWHERE);
	assert(at(INSN_SEGMENT_SS, U64_C(0x800000000000), 1) == NOWHERE);
	assert(at(INSN_SEGMENT_DS, U64_C(0xffff800000000000), 1) == U64_C(0xffff800000000000));
	vmcb.save.cr4 = CR4_LA57;
	assert(at(INSN_SEGMENT_DS, U64_C(0x800000000000), 1) == U64_C(0x800000000000));
	assert(at(INSN_SEGMENT_DS, BIT(56), 1) == NOWHERE);
}

int main(void)
{
	limits();
	types();
	long_mode();
	return 0;
}
