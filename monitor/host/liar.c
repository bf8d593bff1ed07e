/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See liar.h.
 */
#include "monitor/host/liar.h"

#include "abi/tdx.h"
#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/hardware/tdx_td.h"
#include "monitor/host/doorbell.h"
#include "monitor/host/ghcb_page.h"
#include "monitor/machine/options.h"
#include "monitor/svm/inject.h"

#define UART_LSR      (PORT_COM1 + 5)
#define EVENT_VECTOR  1000 /* inject=event: 1000 times the vector, plus the request */
#define ERROR_VECTORS (BIT(VEC_DF) | VEC_HAS_ERROR_CODE)
/* Not the reserved ones, nor two for which TCG pushes no error code */
#define INJECTED                                                                                   \
	((VEC_BY_INSTRUCTION & ~BIT(VEC_CP)) | BIT(VEC_DB) | BIT(VEC_DF) | BIT(VEC_MC) |           \
	 BIT(VEC_HV) | BIT(VEC_VC))

static u32 requests, port_requests;

/* ---- events */

/* A TDX module lets a host inject interrupts and NMIs only; restricted injection #HV. */
bool liar_inject(struct vcpu *v, unsigned int vector, bool is_td)
{
	if (vector == VEC_NMI) {
		v->nmi_pending = true;
		return true;
	}
	if (guest_is_restricted()) {
		v->doorbell.is_due |= vector == VEC_HV;
		if (vector == VEC_HV && guest.inject[INJECT_DOORBELL] >= 0)
			doorbell_lie(v, (u16)guest.inject[INJECT_DOORBELL]);
		if (vector >= 32)
			v->doorbell.queued[vector / 64] |= BIT(vector % 64);
		return vector == VEC_HV || vector >= 32;
	}
	if (inject_pending(v) || v->vmcb->control.exit_int_info & EVENT_VALID ||
	    (vector < 32 && (is_td || !(BIT(vector) & INJECTED))))
		return false;
	if (vector >= 32)
		inject_interrupt(v, vector);
	else if (vector == VEC_VC)
		inject_vc(v, 0); /* a read of CR0, which is no #VC */
	else if (BIT(vector) & ERROR_VECTORS)
		inject_exception_error(v, vector, 0);
	else
		inject_exception(v, vector);
	return true;
}

void liar_after(struct vcpu *v, bool is_td)
{
	int event = guest.inject[INJECT_EVENT];

	requests++;
	if (event > 0 && requests == (u32)event % EVENT_VECTOR)
		(void)liar_inject(v, (unsigned int)event / EVENT_VECTOR % VEC_COUNT, is_td);
}

/* ---- values */

u32 liar_port(u16 port, u32 value)
{
	if (guest.inject[INJECT_UART_DEAD] >= 0 && port == UART_LSR)
		return 0;
	return value;
}

static u64 apic_value(u64 reg, u64 value)
{
	static bool told;

	if (reg == APIC_ICR_LOW && guest.inject[INJECT_ICR_BUSY] >= 0)
		return value | APIC_ICR_BUSY;
	if (reg != APIC_ID || guest.inject[INJECT_APIC_ID] < 0 || told)
		return value;
	told = true;
	return (u64)guest.inject[INJECT_APIC_ID] << 24;
}

u64 liar_mmio(u64 gpa, u64 value)
{
	if (gpa >> PAGE_SHIFT == APIC_BASE_DEFAULT >> PAGE_SHIFT)
		value = apic_value(gpa % PAGE_SIZE, value);
	return value;
}

bool liar_refuses_ports(void)
{
	int after = guest.inject[INJECT_PORT_REFUSED];

	port_requests++;
	return after >= 0 && port_requests > (u32)after;
}

bool liar_carries_nothing(void)
{
	static int messages;

	return messages++ < guest.inject[INJECT_MESSAGE_BUSY];
}

bool liar_maps_nothing(void)
{
	static int ranges;
	int after = guest.inject[INJECT_MAP_GPA_REFUSED];

	return after >= 0 && ranges++ >= after;
}

bool liar_changes_nothing(void)
{
	static int changes;

	return ++changes == guest.inject[INJECT_PSC_REFUSED];
}

bool liar_hears_no_end(void)
{
	static int ends;

	return ends++ < guest.inject[INJECT_END_IGNORED];
}

/* ---- answers */

u64 liar_msr(u64 response)
{
	static int responses;

	if (++responses == guest.inject[INJECT_MSR_WRONG])
		return GHCB_MSR_PREFERRED_GPA_RESP; /* nobody asks for it */
	return response;
}
