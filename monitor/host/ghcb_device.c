/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports and device memory by the GHCB.
 */
#include "monitor/host/ghcb_answers.h"

#include "monitor/host/ghcb_scratch.h"
#include "monitor/host/liar.h"
#include "monitor/host/port.h"
#include "monitor/machine/end.h"
#include "monitor/svm/pages.h"

/*
 * The string goes through our own buffer: the guest could change its copy meanwhile. What is to be
 * filled is looked at before the port is read.
 */
static void answer_string(struct vcpu *v, const struct ghcb_request *r, u16 port, unsigned int size)
{
	static u8 buffer[GHCB_SCRATCH_MAX];
	struct ghcb *g = r->ghcb;
	u64 info = g->save.sw_exit_info_1, count = g->save.sw_exit_info_2;

	if (!(info & IOIO_REP))
		count = 1;
	if (count > sizeof(buffer) / size) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_SCRATCH);
		return;
	}
	if (!scratch_copy(r, buffer, count * size, false))
		return;
	if (!(info & IOIO_TYPE_IN)) {
		port_out_string(v, port, size, buffer, count);
		ghcb_reply(g);
		return;
	}
	port_in_string(v, port, size, buffer, count);
	if (scratch_copy(r, buffer, count * size, true))
		ghcb_reply(g);
}

void answer_ioio(struct vcpu *v, const struct ghcb_request *r)
{
	struct ghcb *g = r->ghcb;
	u64 info = g->save.sw_exit_info_1;
	u16 port = (u16)(info >> IOIO_PORT_SHIFT);
	unsigned int size = info & IOIO_DATA_8 ? 1 : info & IOIO_DATA_16 ? 2 : 4;
	u32 value;

	if (liar_refuses_ports()) {
		ghcb_reply_exception(g, VEC_GP, true, 0);
		return;
	}
	if (!(info & (IOIO_DATA_8 | IOIO_DATA_16 | IOIO_DATA_32))) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
	} else if (info & IOIO_TYPE_STR) {
		answer_string(v, r, port, size);
	} else if (info & IOIO_TYPE_IN) {
		value = port_in(v, port, size);
		ghcb_reply(g);
		GHCB_SET(g, rax, value);
	} else {
		port_out(v, port, size, (u32)g->save.rax);
		ghcb_reply(g);
	}
}

static void mmio(struct vcpu *v, const struct ghcb_request *r, bool write)
{
	struct ghcb *g = r->ghcb;
	u64 gpa = g->save.sw_exit_info_1, size = g->save.sw_exit_info_2, value = 0;
	int error;

	if (size > sizeof(value)) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
		return;
	}
	if (!scratch_copy(r, &value, size, false))
		return;
	if (!write)
		value = 0;
	error = write ? mmio_write(v, gpa, (unsigned int)size, value)
		      : mmio_read(v, gpa, (unsigned int)size, &value);
	TRACE(v->id, MMIO, "dir=%s gpa=%#lx size=%#lx value=%#lx result=%d",
	      write ? "write" : "read", gpa, size, value, error);
	if (error) {
		ghcb_reply_error(g, GHCB_ERR_INVALID_INPUT);
		return;
	}
	if (write || scratch_copy(r, &value, size, true))
		ghcb_reply(g);
}

void answer_mmio_read(struct vcpu *v, const struct ghcb_request *r) { mmio(v, r, false); }

void answer_mmio_write(struct vcpu *v, const struct ghcb_request *r) { mmio(v, r, true); }
