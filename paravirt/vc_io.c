/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Port I/O by #VC: IN, OUT, and the string forms through the GHCB's shared buffer.
 */
#include "paravirt/vc.h"

#include "abi/x86.h"

static int io_plain(struct vc *vc, u16 port)
{
	unsigned int size = vc->insn.reg_size;
	u32 value;
	int rc;

	if (vc->insn.kind == INSN_OUT)
		return ghcb_io_out(port, size, (u32)vc->frame->rax, &vc->exception);
	rc = ghcb_io_in(port, size, &value, &vc->exception);
	if (!rc)
		vc_write_register(&vc->frame->rax, size, value);
	return rc;
}

/* Elements that one request may take: upwards as many as there are, downwards one by one. */
static u64 batch(const struct vc *vc, u64 count)
{
	u64 most = GHCB_SHARED_BUFFER_SIZE / vc->insn.memory_size;

	if (vc->frame->rflags & RFLAGS_DF)
		return 1;
	return count < most ? count : most;
}

static int io_batch(struct vc *vc, u16 port, u64 *index, u64 count)
{
	unsigned int size = vc->insn.memory_size;
	u64 address = *index & bits_mask(8 * vc->insn.address_size);

	if (vc->insn.kind == INSN_INS)
		return ghcb_io_in_string(port, size, va_ptr(va(address)), count, &vc->exception);
	address += vc_segment_base(&vc->insn);
	return ghcb_io_out_string(port, size, va_ptr(va(address)), count, &vc->exception);
}

/* Registers follow after each batch: an exception leaves the instruction restartable. */
static int io_string(struct vc *vc, u16 port)
{
	u64 *index = vc->insn.kind == INSN_INS ? &vc->frame->rdi : &vc->frame->rsi;
	u64 left = vc_string_count(vc);

	while (left) {
		u64 count = batch(vc, left);
		int rc = io_batch(vc, port, index, count);

		if (rc)
			return rc;
		vc_step(vc, index, count);
		vc_string_done(vc, count);
		left -= count;
	}
	return 0;
}

int vc_io(struct vc *vc)
{
	u16 port = (u16)(vc->insn.port_is_imm ? vc->insn.immediate : vc->frame->rdx);

	if (vc->insn.kind == INSN_IN || vc->insn.kind == INSN_OUT)
		return io_plain(vc, port);
	return io_string(vc, port);
}
