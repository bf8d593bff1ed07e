/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MOVS, CMPS, STOS, LODS and SCAS. One side of MOVS and CMPS may be our memory.
 */
#include "abi/x86.h"
#include "paravirt/emulate/emulate_memory.h"
#include "paravirt/emulate/insn_compute.h"

static u64 index_of(const struct emulation *em, u64 index)
{
	return index & bits_mask(8 * em->insn.address_size);
}

static int read_source(struct emulation *em, u64 *value)
{
	u64 from = index_of(em, em->frame->rsi) + emulate_segment_base(&em->insn);

	return emulate_read(em, from, value);
}

static int read_destination(struct emulation *em, u64 *value)
{
	return emulate_read(em, index_of(em, em->frame->rdi), value);
}

static int write_destination(struct emulation *em, u64 value)
{
	return emulate_write(em, index_of(em, em->frame->rdi), value);
}

static void step_source(struct emulation *em) { emulate_step(em, &em->frame->rsi, 1); }
static void step_destination(struct emulation *em) { emulate_step(em, &em->frame->rdi, 1); }

/* As CMP does. */
static void compare(struct emulation *em, u64 first, u64 second)
{
	const struct insn_operands operands = { first, second, 0 };
	struct insn insn = em->insn;

	insn.kind = INSN_CMP;
	insn_compute(&insn, &operands, &em->frame->rflags);
}

static int movs(struct emulation *em)
{
	u64 value;
	int rc = read_source(em, &value);

	if (!rc)
		rc = write_destination(em, value);
	if (rc)
		return rc;
	step_source(em);
	step_destination(em);
	return 0;
}

static int cmps(struct emulation *em)
{
	u64 first, second;
	int rc = read_source(em, &first);

	if (!rc)
		rc = read_destination(em, &second);
	if (rc)
		return rc;
	compare(em, first, second);
	step_source(em);
	step_destination(em);
	return 0;
}

static int stos(struct emulation *em)
{
	int rc = write_destination(em, em->frame->rax);

	if (!rc)
		step_destination(em);
	return rc;
}

static int lods(struct emulation *em)
{
	u64 value;
	int rc = read_source(em, &value);

	if (rc)
		return rc;
	emulate_write_register(&em->frame->rax, em->insn.reg_size, value);
	step_source(em);
	return 0;
}

static int scas(struct emulation *em)
{
	u64 value;
	int rc = read_destination(em, &value);

	if (rc)
		return rc;
	compare(em, em->frame->rax, value);
	step_destination(em);
	return 0;
}

static int one(struct emulation *em)
{
	switch (em->insn.kind) {
	case INSN_MOVS: return movs(em);
	case INSN_CMPS: return cmps(em);
	case INSN_STOS: return stos(em);
	case INSN_LODS: return lods(em);
	default: return scas(em);
	}
}

/* APM3 1.2.6: REPE goes on while elements are equal, REPNE while they differ. */
static bool is_found(const struct emulation *em)
{
	bool compares = em->insn.kind == INSN_CMPS || em->insn.kind == INSN_SCAS;

	return compares && em->insn.repne == !!(em->frame->rflags & RFLAGS_ZF);
}

/* One element an exit; registers follow each, so that an exception leaves it restartable. */
int emulate_string(struct emulation *em)
{
	for (u64 left = emulate_string_count(em); left; left--) {
		int rc = one(em);

		if (rc)
			return rc;
		emulate_string_done(em, 1);
		if (is_found(em))
			return 0;
	}
	return 0;
}
