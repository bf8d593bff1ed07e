/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See xapic.h. Spec: APM2 16.3 (registers), 16.5 (ICR).
 */
#include "monitor/svm/xapic.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/machine/end.h"
#include "monitor/machine/lapic.h"
#include "monitor/machine/traps.h"
#include "monitor/svm/apic_reg.h"
#include "monitor/svm/exit_context.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/smp.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/tsc_deadline.h"

#define SVR_RESET 0xff
/* LINT0 without an APIC: the PIC's interrupts come straight to the processor. SDM3 11.4.3 */
#define LVT_VIRTUAL_WIRE APIC_ICR_MODE(APIC_MODE_EXTINT)
#define ICR_KNOWN        0xcdfff

/* @wide: the destination is an x2APIC's. */
static u64 targets_of(const struct vcpu *v, u32 low, u32 dest, bool wide)
{
	struct apic_address addresses[64];

	for (unsigned int i = 0; i < guest.cpu_count; i++)
		addresses[i] = guest.cpus[i].apic;
	return (wide ? apic_targets_x2 : apic_targets)(low, dest, v->id, addresses,
						       guest.cpu_count);
}

static bool deliver(struct vcpu *to, enum apic_mode mode, u8 vector)
{
	bool changed;

	if (mode == APIC_MODE_STARTUP && lie_start_fails(to))
		return false;
	switch (mode) {
	case APIC_MODE_INIT: changed = startup_on_init(&to->startup); break;
	case APIC_MODE_STARTUP: changed = startup_on_sipi(&to->startup, vector); break;
	default: to->nmi_pending = true; return true;
	}
	guest.hardware->state_left(startup_take_old(&to->startup));
	return changed;
}

/* The machine's APIC knows no destinations of an x2APIC: each that is named gets its own. */
static void send_x2(struct vcpu *v, u32 low, u32 dest)
{
	u64 targets = targets_of(v, low, dest, true);

	if (APIC_ICR_MODE_OF(low) == APIC_MODE_LOWEST)
		targets &= -targets;
	for (; targets; targets &= targets - 1) {
		lapic_write(APIC_ICR_HIGH, guest.cpus[__builtin_ctzll(targets)].apic_id << 24);
		lapic_write(APIC_ICR_LOW, (u32)APIC_ICR_ASSERT | (low & 0xff));
	}
}

static void send(struct vcpu *v, u32 low, u32 dest, bool wide)
{
	if (!apic_is_harmless(low) || APIC_ICR_MODE_OF(low) == APIC_MODE_EXTINT)
		return;
	if (wide) {
		send_x2(v, low, dest);
		return;
	}
	lapic_write(APIC_ICR_HIGH, dest << 24);
	lapic_write(APIC_ICR_LOW, low & ICR_KNOWN);
}

static void command(struct vcpu *v, u32 low, u32 dest, bool wide)
{
	enum apic_mode mode = APIC_ICR_MODE_OF(low);
	u64 targets;

	if (mode != APIC_MODE_INIT && mode != APIC_MODE_STARTUP && mode != APIC_MODE_NMI) {
		send(v, low, dest, wide);
		return;
	}
	if (apic_is_deassert(low))
		return;
	for (targets = targets_of(v, low, dest, wide); targets; targets &= targets - 1) {
		struct vcpu *to = &guest.cpus[__builtin_ctzll(targets)];

		if (deliver(to, mode, (u8)low))
			smp_kick(v, to);
	}
}

void xapic_command(struct vcpu *v, u32 low, u32 dest) { command(v, low, dest, v->x2apic); }

void xapic_command_x2(struct vcpu *v, u64 icr)
{
	command(v, (u32)icr, (u32)(icr >> 32), true);
	lapic_write(APIC_ICR_HIGH, v->apic_icr_high); /* as the guest has it */
}

static void set_tpr(struct vcpu *v, u32 value)
{
	v->tpr = value >> 4 & VINTR_TPR_MASK;
	v->vmcb->control.int_ctl &= ~(u64)VINTR_TPR_MASK;
	v->vmcb->control.int_ctl |= v->tpr;
}

void xapic_write(struct vcpu *v, u32 offset, u32 value)
{
	switch (offset) {
	case APIC_TPR: set_tpr(v, value); break;
	case APIC_LDR: v->apic.ldr = value; break;
	case APIC_DFR: v->apic.dfr = value; break;
	case APIC_ICR_LOW:
		v->apic_icr_low = value & ICR_KNOWN & ~(u32)APIC_ICR_BUSY;
		xapic_command(v, value, v->apic_icr_high >> 24);
		return;
	case APIC_ICR_HIGH: v->apic_icr_high = value; break;
	case APIC_LVT_TIMER:
		if (tsc_deadline_is_there())
			value = tsc_deadline_lvt(v, value);
		value = apic_lvt(offset, value);
		break;
	case APIC_LVT_THERMAL:
	case APIC_LVT_PERF:
	case APIC_LVT_LINT0:
	case APIC_LVT_LINT1:
	case APIC_LVT_ERROR: value = apic_lvt(offset, value); break;
	case APIC_TIMER_INITIAL:
		if (v->deadline.on)
			return;
		break;
	case APIC_TIMER_DIVIDE: tsc_deadline_divide(v, value); return;
	case APIC_EOI:
	case APIC_SVR:
	case APIC_ESR: break;
	default: return; /* the id among them, by which the monitor addresses it */
	}
	lapic_write(offset, value);
}

/* Whether there are registers: in x2APIC mode, or switched off, there is no page of them. */
static bool has_page(const struct vcpu *v) { return !v->x2apic && v->apic_base & APIC_BASE_ENABLE; }

bool xapic_is_any_on(void)
{
	for (unsigned int i = 0; i < guest.cpu_count; i++)
		if (has_page(&guest.cpus[i]))
			return true;
	return false;
}

u64 xapic_mmio_read(const struct vcpu *v, u64 gpa, unsigned int size)
{
	u64 offset = gpa - APIC_BASE_DEFAULT;
	u32 value;

	if (offset >= PAGE_SIZE || !apic_is_access(offset, size) || !has_page(v))
		return bits_mask(8 * size);
	if (offset == APIC_ICR_LOW)
		return v->apic_icr_low;
	if (offset == APIC_ICR_HIGH)
		return v->apic_icr_high;
	value = lapic_read((u32)offset);
	return v->deadline.on ? tsc_deadline_reads((u32)offset, value) : value;
}

void xapic_mmio_write(struct vcpu *v, u64 gpa, unsigned int size, u64 value)
{
	u64 offset = gpa - APIC_BASE_DEFAULT;

	if (offset < PAGE_SIZE && apic_is_access(offset, size) && has_page(v))
		xapic_write(v, (u32)offset, (u32)value);
}

static bool in_service(void)
{
	for (u32 offset = APIC_ISR; offset < APIC_TMR; offset += 0x10)
		if (lapic_read(offset))
			return true;
	return false;
}

/* What is pending is taken and dropped; level-triggered ones get their EOI. */
static void drop_interrupts(struct vcpu *v)
{
	struct ack ack;

	while (in_service())
		lapic_write(APIC_EOI, 0);
	write_cr8(0);
	do {
		ack = ack_poll();
		smp_nmi(v, ack.nmi);
		lapic_write(APIC_EOI, 0);
	} while (ack.vector >= 0);
}

void xapic_reset(struct vcpu *v)
{
	lapic_write(APIC_TIMER_INITIAL, 0);
	tsc_deadline_reset(v);
	if (lapic_read(APIC_SVR) & APIC_SVR_ENABLE)
		drop_interrupts(v);
	for (u32 offset = APIC_LVT_TIMER; offset <= APIC_LVT_ERROR; offset += 0x10)
		lapic_write(offset, APIC_LVT_MASKED);
	lapic_write(APIC_SVR, SVR_RESET);
	lapic_write(APIC_LDR, 0);
	lapic_write(APIC_DFR, APIC_DFR_RESET);
	v->apic = (struct apic_address){ .id = v->apic_id, .dfr = APIC_DFR_RESET };
	v->apic_icr_low = v->apic_icr_high = 0;
	set_tpr(v, 0);
	write_cr8(0);
}

/* QEMU's own, once switched off, stays off: it never is. */
int xapic_base_write(struct vcpu *v, u64 value)
{
	u64 changed = value ^ v->apic_base;

	if (changed & ~(u64)APIC_BASE_ENABLE)
		return -E_INVAL;
	if (!changed)
		return 0;
	xapic_reset(v);
	if (!(value & APIC_BASE_ENABLE) && value & APIC_BASE_BOOT)
		lapic_write(APIC_LVT_LINT0, LVT_VIRTUAL_WIRE);
	v->apic_base = value;
	npt_unmap(v->npt, APIC_BASE_DEFAULT, PAGE_SIZE);
	return 0;
}
