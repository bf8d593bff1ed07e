/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves of vector registers. The code of ours that runs between the instruction and here uses none
 * (-mgeneral-regs-only), and neither VMGEXIT nor TDCALL changes one: the values are still where the
 * instruction found them, in the registers themselves.
 */
#include "paravirt/emulate/emulate_memory.h"

#include "paravirt/emulate/vector.h"

#define HALF 8

static void get(unsigned int number, unsigned int size, u8 *bytes)
{
	if (size == VECTOR_SIZE)
		vector_get_ymm(number, bytes);
	else
		vector_get_xmm(number, bytes);
}

static void set(const struct insn *insn, const u8 *bytes)
{
	if (insn->memory_size == VECTOR_SIZE)
		vector_set_ymm(insn->reg, bytes);
	else if (insn->vex)
		vector_set_xmm_vex(insn->reg, bytes);
	else
		vector_set_xmm(insn->reg, bytes);
}

static int load(struct emulation *em, u64 address)
{
	const struct insn *insn = &em->insn;
	u8 bytes[VECTOR_SIZE] = { 0 };
	int rc = emulate_device_read(em, address, insn->memory_size, bytes);

	if (!rc)
		set(insn, bytes);
	return rc;
}

static int load_half(struct emulation *em, u64 address, unsigned int at)
{
	const struct insn *insn = &em->insn;
	u8 bytes[VECTOR_SIZE];
	int rc;

	vector_get_xmm(insn->vex ? insn->vvvv : insn->reg, bytes);
	rc = emulate_device_read(em, address, HALF, bytes + at);
	if (!rc)
		set(insn, bytes);
	return rc;
}

static int store(struct emulation *em, u64 address, unsigned int at)
{
	u8 bytes[VECTOR_SIZE];

	get(em->insn.reg, em->insn.memory_size, bytes);
	return emulate_device_write(em, address, em->insn.memory_size, bytes + at);
}

int emulate_vector(struct emulation *em)
{
	u64 address = emulate_operand_address(em);

	switch (em->insn.kind) {
	case INSN_VECTOR_LOAD: return load(em, address);
	case INSN_VECTOR_LOAD_LOW: return load_half(em, address, 0);
	case INSN_VECTOR_LOAD_HIGH: return load_half(em, address, HALF);
	case INSN_VECTOR_STORE: return store(em, address, 0);
	default: return store(em, address, HALF);
	}
}
