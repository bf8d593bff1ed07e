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

/* ---- drawn from a seed: xorshift64 */

static u64 state;

static u64 draw(u64 below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 16) % below;
}

/* One lie in 8 to 256 answers: those that seldom lie get further. */
static bool is_due(void)
{
	int seed = guest.inject[INJECT_CHAOS];

	if (seed < 0)
		return false;
	if (!state)
		state = ((u64)seed + 1) * U64_C(0x9e3779b97f4a7c15);
	return !draw(U64_C(8) << seed % 6);
}

/* Something else: a bit, nothing, everything. */
static u64 other(u64 value)
{
	switch (draw(4)) {
	case 0: return 0;
	case 1: return ~U64_C(0);
	default: return value ^ BIT(draw(64));
	}
}

/* ---- events */

/* A TDX module lets a host inject interrupts and NMIs only; restricted injection #HV. */
static void inject_any(struct vcpu *v, unsigned int vector, bool is_td)
{
	if (vector == VEC_NMI) {
		v->nmi_pending = true;
		return;
	}
	if (guest_is_restricted()) {
		v->doorbell.is_due |= vector == VEC_HV;
		if (vector == VEC_HV && guest.inject[INJECT_DOORBELL] >= 0)
			doorbell_lie(v, (u16)guest.inject[INJECT_DOORBELL]);
		if (vector >= 32)
			v->doorbell.queued[vector / 64] |= BIT(vector % 64);
		return;
	}
	if (inject_pending(v) || v->vmcb->control.exit_int_info & EVENT_VALID ||
	    (vector < 32 && (is_td || !(BIT(vector) & INJECTED))))
		return;
	if (vector >= 32)
		inject_interrupt(v, vector);
	else if (vector == VEC_VC)
		inject_vc(v, draw(2) ? SVM_EXIT_CPUID : draw(0x100));
	else if (BIT(vector) & ERROR_VECTORS)
		inject_exception_error(v, vector, 0);
	else
		inject_exception(v, vector);
}

/* After request number @requests. */
static void maybe_inject(struct vcpu *v, bool is_td)
{
	int event = guest.inject[INJECT_EVENT];

	requests++;
	if (event > 0 && requests == (u32)event % EVENT_VECTOR)
		inject_any(v, (unsigned int)event / EVENT_VECTOR % VEC_COUNT, is_td);
	if (is_due())
		inject_any(v, (unsigned int)draw(draw(2) ? 32 : VEC_COUNT), is_td);
}

/* ---- values */

u32 liar_port(u16 port, u32 value)
{
	if (guest.inject[INJECT_UART_DEAD] >= 0 && port == UART_LSR)
		return 0;
	return is_due() ? (u32)other(value) : value;
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
	return is_due() ? other(value) : value;
}

void liar_string(u8 *data, u64 count)
{
	if (count && is_due())
		data[draw(count)] ^= (u8)BIT(draw(8));
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

void liar_page(struct vcpu *v, struct ghcb *g)
{
	maybe_inject(v, false);
	if (!is_due())
		return;
	switch (draw(8)) {
	case 0: g->save.rax = other(g->save.rax); return;
	case 1: g->save.rbx = other(g->save.rbx); return;
	case 2: g->save.rcx = other(g->save.rcx); return;
	case 3: g->save.rdx = other(g->save.rdx); return;
	case 4: g->save.sw_exit_info_1 = draw(3); return;
	case 5: g->save.sw_exit_info_2 = other(g->save.sw_exit_info_2); return;
	case 6: g->save.valid_bitmap[draw(sizeof(g->save.valid_bitmap))] ^= BIT(draw(8)); return;
	default: ghcb_reply_exception(g, VEC_GP, true, 0); return;
	}
}

u64 liar_msr(u64 response)
{
	static int responses;

	if (++responses == guest.inject[INJECT_MSR_WRONG])
		return GHCB_MSR_PREFERRED_GPA_RESP; /* nobody asks for it */
	return is_due() ? other(response) : response;
}

void liar_tdvmcall(struct vcpu *v, u64 *gpr)
{
	maybe_inject(v, true);
	if (is_due())
		gpr[TDX_R10 + draw(6)] = other(gpr[TDX_R10]);
}
