/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See exit_context.h: where the operand of the instruction lies, and what a store writes.
 */
#include "monitor/svm/exit_context.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/svm/insn_operand.h"
#include "monitor/svm/insn_operand_32.h"
#include "monitor/svm/segment.h"
#include "monitor/svm/vcpu.h"

/* Of an instruction 0F xx or a store. */
static bool operand_32(struct vcpu *v, struct insn_operand_32 *operand)
{
	u64 gpr[8];

	for (unsigned int i = 0; i < array_count(gpr); i++)
		gpr[i] = *vcpu_reg(v, i);
	exit_insn(v);
	return insn_operand_32(v->exit.bytes, v->exit.count, exit_mode(v), gpr, operand);
}

static bool store_operand_32(struct vcpu *v, u64 *linear)
{
	struct insn_operand_32 operand;

	if (exit_insn(v)->kind != INSN_STORE || !operand_32(v, &operand))
		return false;
	*linear = (u32)(segment_base(v, operand.segment) + operand.offset);
	return true;
}

static bool operand_64(struct vcpu *v, bool write, u64 *linear)
{
	u64 gpr[array_count(v->gpr)];
	const struct insn_operand_state state = {
		.gpr = gpr,
		.rip = v->vmcb->save.rip,
		.fs_base = rdmsr(MSR_FS_BASE), /* live in the processor */
		.gs_base = rdmsr(MSR_GS_BASE),
		.keeps_rex = insn_keeps_rex,
	};
	enum insn_operand_result r;

	for (unsigned int i = 0; i < array_count(gpr); i++)
		gpr[i] = *vcpu_reg(v, i);
	exit_insn(v);
	do {
		r = insn_operand(v->exit.bytes, v->exit.count, &state, write, linear);
	} while (r == INSN_OPERAND_CUT && exit_fetch(v));
	return r == INSN_OPERAND_FOUND;
}

bool exit_operand(struct vcpu *v, bool write, u64 *linear)
{
	return vcpu_is_64bit(v) ? operand_64(v, write, linear) : store_operand_32(v, linear);
}

bool exit_read_address(struct vcpu *v, unsigned int size, u64 *linear)
{
	struct insn_operand_32 operand;

	if (vcpu_is_64bit(v))
		return exit_operand(v, false, linear) &&
		       segment_read(v, INSN_SEGMENT_DS, *linear, size, linear);
	return operand_32(v, &operand) &&
	       segment_read(v, operand.segment, operand.offset, size, linear);
}

u64 exit_store_value(struct vcpu *v)
{
	const struct insn *insn = exit_insn(v);
	u64 value = insn->has_immediate   ? (u64)(s64)(s32)insn->immediate
		    : insn->has_high_byte ? *vcpu_reg(v, insn->gpr - 4) >> 8
					  : *vcpu_reg(v, insn->gpr);

	return value & bits_mask(8 * insn->operand_size);
}
