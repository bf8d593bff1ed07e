/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device memory: what each instruction makes of its operand, by one read, one write or one of each.
 * LOCK adds nothing, a device has no cache line to hold. Registers and flags change at the end:
 * where the host answers with an exception nothing has happened but the access itself.
 */
#include "abi/x86.h"
#include "paravirt/emulate_memory.h"
#include "paravirt/insn_compute.h"

static u64 *reg_of(const struct emulation *em) { return emulate_register(em->frame, em->insn.reg); }

static u64 operand(const struct emulation *em, u8 which)
{
	const struct insn *insn = &em->insn;

	switch (which) {
	case INSN_OPERAND_REG: return *reg_of(em) >> (insn->reg_high ? 8 : 0);
	case INSN_OPERAND_VVVV: return *emulate_register(em->frame, insn->vvvv);
	case INSN_OPERAND_IMM: return insn->immediate;
	case INSN_OPERAND_CL: return em->frame->rcx & 0xff;
	default: return 0;
	}
}

static void write_reg(const struct emulation *em, u64 value)
{
	u64 *reg = reg_of(em);

	if (em->insn.reg_high)
		*reg = (*reg & ~U64_C(0xff00)) | (value & 0xff) << 8;
	else
		emulate_write_register(reg, em->insn.reg_size, value);
}

static int read_operand(struct emulation *em, u64 address, u64 *value)
{
	*value = 0;
	return emulate_device_read(em, address, em->insn.memory_size, value);
}

static int write_operand(struct emulation *em, u64 address, u64 value)
{
	return emulate_device_write(em, address, em->insn.memory_size, &value);
}

/* BSF and BSR leave the register where they find no bit, its upper half too. */
static bool finds_nothing(const struct insn *insn, u64 memory)
{
	return !memory && (insn->kind == INSN_BSF || insn->kind == INSN_BSR);
}

/* One result, into memory or a register. */
static int compute(struct emulation *em)
{
	const struct insn *insn = &em->insn;
	u64 address = emulate_operand_address(em), rflags = em->frame->rflags, memory = 0, result;
	u64 other = operand(em, insn->other), third = operand(em, insn->third);
	int rc = insn_reads_memory(insn) ? read_operand(em, address, &memory) : 0;

	if (rc)
		return rc;
	result = insn_compute(insn,
			      &(struct insn_operands){
				      .first = insn->memory_first ? memory : other,
				      .second = insn->memory_first ? other : memory,
				      .third = third,
			      },
			      &rflags);
	if (insn_writes_memory(insn))
		rc = write_operand(em, address, result);
	if (rc)
		return rc;
	if (insn_writes_register(insn) && !finds_nothing(insn, memory))
		write_reg(em, result);
	em->frame->rflags = rflags;
	return 0;
}

int emulate_mmio(struct emulation *em)
{
	if (em->insn.kind >= INSN_MOVS && em->insn.kind <= INSN_SCAS)
		return emulate_string(em);
	return em->insn.kind <= INSN_COMPUTED_LAST ? compute(em) : -E_INVAL;
}
