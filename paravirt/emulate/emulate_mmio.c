/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device memory: what each instruction makes of its operand, by one read, one write or one of each.
 * LOCK adds nothing, a device has no cache line to hold. Registers and flags change at the end:
 * where the host answers with an exception nothing has happened but the access itself.
 */
#include "abi/x86.h"
#include "paravirt/emulate/emulate_memory.h"
#include "paravirt/emulate/insn_compute.h"

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

/* AH and DH are the high halves of bytes' products, and of bytes' dividends. */
static void write_pair(const struct emulation *em, u64 low, u64 high)
{
	struct trap_frame *f = em->frame;
	unsigned int size = em->insn.reg_size;

	if (size == 1) {
		emulate_write_register(&f->rax, 2, high << 8 | low);
		return;
	}
	emulate_write_register(&f->rax, size, low);
	emulate_write_register(&f->rdx, size, high);
}

/* MUL, IMUL, DIV, IDIV */
static int compute_pair(struct emulation *em)
{
	struct trap_frame *f = em->frame;
	u64 low = f->rax, high = em->insn.reg_size == 1 ? f->rax >> 8 : f->rdx, source;
	int rc = read_operand(em, emulate_operand_address(em), &source);

	if (rc)
		return rc;
	if (insn_compute_wide(&em->insn, source, &low, &high, &f->rflags)) {
		em->exception = (struct host_exception){ .vector = VEC_DE };
		return -E_FAULT;
	}
	write_pair(em, low, high);
	return 0;
}

/* Where both are the same register it has the high half. */
static int mulx(struct emulation *em)
{
	u64 low = em->frame->rdx, high = 0, source;
	int rc = read_operand(em, emulate_operand_address(em), &source);

	if (!rc)
		rc = insn_compute_wide(&em->insn, source, &low, &high, &em->frame->rflags);
	if (rc)
		return rc;
	emulate_write_register(emulate_register(em->frame, em->insn.vvvv), em->insn.reg_size, low);
	write_reg(em, high);
	return 0;
}

static u64 compute_as(const struct emulation *em, enum insn_kind kind, u64 first, u64 second,
		      u64 *rflags)
{
	const struct insn_operands operands = { first, second, 0 };
	struct insn insn = em->insn;

	insn.kind = kind;
	return insn_compute(&insn, &operands, rflags);
}

static int xchg(struct emulation *em)
{
	u64 address = emulate_operand_address(em), old;
	int rc = read_operand(em, address, &old);

	if (!rc)
		rc = write_operand(em, address, operand(em, INSN_OPERAND_REG));
	if (!rc)
		write_reg(em, old);
	return rc;
}

static int xadd(struct emulation *em)
{
	u64 address = emulate_operand_address(em), rflags = em->frame->rflags, old, sum;
	int rc = read_operand(em, address, &old);

	if (rc)
		return rc;
	sum = compute_as(em, INSN_ADD, old, operand(em, INSN_OPERAND_REG), &rflags);
	rc = write_operand(em, address, sum);
	if (rc)
		return rc;
	write_reg(em, old);
	em->frame->rflags = rflags;
	return 0;
}

/* The processor writes in any case: what it read where that is not what was expected. */
static int cmpxchg(struct emulation *em)
{
	u64 address = emulate_operand_address(em), rflags = em->frame->rflags, old;
	int rc = read_operand(em, address, &old);
	bool equal;

	if (rc)
		return rc;
	compute_as(em, INSN_CMP, em->frame->rax, old, &rflags);
	equal = rflags & RFLAGS_ZF;
	rc = write_operand(em, address, equal ? operand(em, INSN_OPERAND_REG) : old);
	if (rc)
		return rc;
	if (!equal)
		emulate_write_register(&em->frame->rax, em->insn.reg_size, old);
	em->frame->rflags = rflags;
	return 0;
}

static int cmpxchg8b(struct emulation *em)
{
	struct trap_frame *f = em->frame;
	u64 address = emulate_operand_address(em), old;
	int rc = read_operand(em, address, &old);
	bool equal;

	if (rc)
		return rc;
	equal = old == (f->rdx << 32 | (u32)f->rax);
	rc = write_operand(em, address, equal ? f->rcx << 32 | (u32)f->rbx : old);
	if (rc)
		return rc;
	if (!equal)
		emulate_set_edx_eax(f, old);
	f->rflags = equal ? f->rflags | RFLAGS_ZF : f->rflags & ~(u64)RFLAGS_ZF;
	return 0;
}

/* The stack is ours, and the trap's own frame is not on it (kernel/traps.c). */
static int push(struct emulation *em)
{
	u64 to = em->frame->rsp - em->insn.memory_size, value;
	int rc = read_operand(em, emulate_operand_address(em), &value);

	if (rc)
		return rc;
	if (!emulate_is_memory(to, em->insn.memory_size))
		return -E_INVAL;
	rc = emulate_write(em, to, value);
	if (!rc)
		em->frame->rsp = to;
	return rc;
}

/* APM3 POP: an address by RSP is meant after RSP has moved. */
static int pop(struct emulation *em)
{
	u64 from = em->frame->rsp, value;
	int rc = emulate_is_memory(from, em->insn.memory_size) ? emulate_read(em, from, &value)
							       : -E_INVAL;

	if (rc)
		return rc;
	em->frame->rsp += em->insn.memory_size;
	rc = write_operand(em, emulate_operand_address(em), value);
	if (rc)
		em->frame->rsp = from;
	return rc;
}

int emulate_mmio(struct emulation *em)
{
	switch (em->insn.kind) {
	case INSN_MULX: return mulx(em);
	case INSN_MUL ... INSN_IDIV: return compute_pair(em);
	case INSN_XCHG: return xchg(em);
	case INSN_XADD: return xadd(em);
	case INSN_CMPXCHG: return cmpxchg(em);
	case INSN_CMPXCHG8B: return cmpxchg8b(em);
	case INSN_PUSH: return push(em);
	case INSN_POP: return pop(em);
	case INSN_CLFLUSH: return emulate_device_touch(emulate_operand_address(em));
	case INSN_MOVS ... INSN_SCAS: return emulate_string(em);
	case INSN_VECTOR_LOAD ... INSN_VECTOR_STORE_HIGH: return emulate_vector(em);
	default: return compute(em);
	}
}
