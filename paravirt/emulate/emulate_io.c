/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Port I/O: IN, OUT, and the string forms, as many elements a request as the host takes.
 */
#include "paravirt/emulate/emulate.h"

#include "abi/x86.h"

static int io_plain(struct emulation *em, u16 port)
{
	unsigned int size = em->insn.reg_size;
	u32 value;
	int rc;

	if (em->insn.kind == INSN_OUT)
		return em->host->io_out(port, size, (u32)em->frame->rax, &em->exception);
	rc = em->host->io_in(port, size, &value, &em->exception);
	if (!rc)
		emulate_write_register(&em->frame->rax, size, value);
	return rc;
}

/* Elements that one request may take: upwards as many as there are, downwards one by one. */
static u64 batch(const struct emulation *em, u64 count)
{
	u64 most = em->host->string_size / em->insn.memory_size;

	if (!most || em->frame->rflags & RFLAGS_DF)
		return 1;
	return count < most ? count : most;
}

static int io_batch(struct emulation *em, u16 port, u64 *index, u64 count)
{
	unsigned int size = em->insn.memory_size;
	u64 address = *index & bits_mask(8 * em->insn.address_size);

	if (em->insn.kind == INSN_INS)
		return em->host->io_in_string(port, size, va_ptr(va(address)), count,
					      &em->exception);
	address += emulate_segment_base(&em->insn);
	return em->host->io_out_string(port, size, va_ptr(va(address)), count, &em->exception);
}

/* Registers follow after each batch: an exception leaves the instruction restartable. */
static int io_string(struct emulation *em, u16 port)
{
	u64 *index = em->insn.kind == INSN_INS ? &em->frame->rdi : &em->frame->rsi;
	u64 left = emulate_string_count(em);

	while (left) {
		u64 count = batch(em, left);
		int rc = io_batch(em, port, index, count);

		if (rc)
			return rc;
		emulate_step(em, index, count);
		emulate_string_done(em, count);
		left -= count;
	}
	return 0;
}

int emulate_io(struct emulation *em)
{
	u16 port = (u16)(em->insn.port_is_imm ? em->insn.immediate : em->frame->rdx);

	if (em->insn.kind == INSN_IN || em->insn.kind == INSN_OUT)
		return io_plain(em, port);
	return io_string(em, port);
}
