/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See mailbox.h.
 */
#include "monitor/hardware/psp/mailbox.h"

#include "lib/string.h"

static u32 *reg(const struct psp_mailbox *m, u32 offset)
{
	return &m->registers[offset / sizeof(u32)];
}

void psp_mailbox_init(struct psp_mailbox *m)
{
	memset(m->registers, 0, PSP_BAR_SIZE);
	*reg(m, PSP_REG_FEATURE) = PSP_FEATURE_SEV;
	*reg(m, PSP_REG_CMDRESP) = PSP_CMDRESP_RESPONSE;
}

static void command(struct psp_mailbox *m, u32 value)
{
	u32 id = (u32)bits_get(value, 26, 16);
	u64 address = (u64)*reg(m, PSP_REG_ADDR_HIGH) << 32 | *reg(m, PSP_REG_ADDR_LOW);
	u32 status = PSP_SUCCESS;

	if (m->fate && !m->fate(m->context, &status))
		return;
	if (!status)
		status = psp_command(m->psp, id, address);
	*reg(m, PSP_REG_CMDRESP) = PSP_CMDRESP_RESPONSE | (value & 0x07ff0000) | status;
	if (m->trace)
		m->trace(m->context, id, address, status);
	if (!(value & PSP_CMDRESP_IOC))
		return;
	*reg(m, PSP_REG_INTSTS) |= PSP_INTR_COMPLETE;
	if (*reg(m, PSP_REG_INTEN) & PSP_INTR_COMPLETE)
		m->interrupt(m->context);
}

void psp_mailbox_answer(struct psp_mailbox *m)
{
	u32 value = m->waiting;

	m->waiting = 0;
	if (value)
		command(m, value & ~(u32)PSP_CMDRESP_RESPONSE);
}

/* One at a time: what is written while one waits is nothing. */
static void take(struct psp_mailbox *m, u32 value)
{
	if (m->waiting)
		return;
	*reg(m, PSP_REG_CMDRESP) = value; /* no response: who polls sees that it is at work */
	if (m->is_late && m->is_late(m->context))
		m->waiting = value | PSP_CMDRESP_RESPONSE;
	else
		command(m, value);
}

void psp_mailbox_write(struct psp_mailbox *m, u64 offset, unsigned int size, u64 value)
{
	if (size != sizeof(u32))
		return;
	switch (offset) {
	case PSP_REG_CMDRESP:
		if (!(value & PSP_CMDRESP_RESPONSE))
			take(m, (u32)value);
		break;
	case PSP_REG_ADDR_LOW:
	case PSP_REG_ADDR_HIGH:
	case PSP_REG_INTEN: *reg(m, (u32)offset) = (u32)value; break;
	case PSP_REG_INTSTS: *reg(m, PSP_REG_INTSTS) &= ~(u32)value; break;
	}
}
