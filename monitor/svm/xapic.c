/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See xapic.h. Spec: APM2 16.3 (registers), 16.5 (ICR).
 */
#include "monitor/svm/xapic.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/machine/end.h"
#include "monitor/machine/traps.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/kind.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/smp.h"
#include "monitor/hardware/snp_vmsa.h"
#include "monitor/svm/stop.h"

#define REG_LDR     0x0d0
#define REG_DFR     0x0e0
#define REG_ISR     0x100
#define REG_ISR_END 0x180
#define LVT_FIRST   0x320
#define LVT_END     0x380
#define SVR_RESET   0xff

static volatile u32 *reg(u64 offset) { return (volatile u32 *)(APIC_BASE_DEFAULT + offset); }

static u64 targets_of(const struct vcpu *v, u32 low, u32 dest)
{
	struct apic_address addresses[64];

	for (unsigned int i = 0; i < guest.cpu_count; i++)
		addresses[i] = guest.cpus[i].apic;
	return apic_targets(low, dest, v->id, addresses, guest.cpu_count);
}

static bool on_init(struct startup *s)
{
	u64 vmsa_gpa = s->vmsa_gpa;

	if (!startup_on_init(s))
		return false;
	snp_vmsa_release(vmsa_gpa);
	return true;
}

static bool deliver(struct vcpu *to, enum apic_mode mode, u8 vector)
{
	if (mode == APIC_MODE_STARTUP && lie_start_fails(to))
		return false;
	switch (mode) {
	case APIC_MODE_INIT: return on_init(&to->startup);
	case APIC_MODE_STARTUP: return startup_on_sipi(&to->startup, vector);
	default: to->nmi_pending = true; return true;
	}
}

/* A lone processor gets its own NMIs: the monitor sends it none. */
static bool is_hardware(enum apic_mode mode)
{
	return mode != APIC_MODE_INIT && mode != APIC_MODE_STARTUP &&
	       (mode != APIC_MODE_NMI || guest.cpu_count == 1);
}

void xapic_command(struct vcpu *v, u32 low, u32 dest)
{
	enum apic_mode mode = APIC_ICR_MODE_OF(low);
	u64 targets;

	if (is_hardware(mode)) {
		*reg(APIC_ICR_HIGH) = dest << 24;
		*reg(APIC_ICR_LOW) = low;
		return;
	}
	if (apic_is_deassert(low))
		return;
	for (targets = targets_of(v, low, dest); targets; targets &= targets - 1) {
		struct vcpu *to = &guest.cpus[__builtin_ctzll(targets)];

		if (deliver(to, mode, (u8)low))
			smp_kick(v, to);
	}
}

void xapic_write(struct vcpu *v, u64 offset, u32 value)
{
	switch (offset) {
	case APIC_ICR_LOW: xapic_command(v, value, v->apic_icr_high >> 24); return;
	case APIC_ICR_HIGH: v->apic_icr_high = value; break;
	case REG_LDR: v->apic.ldr = value; break;
	case REG_DFR: v->apic.dfr = value; break;
	case APIC_TPR:
		v->tpr = value >> 4 & VINTR_TPR_MASK;
		v->vmcb->control.int_ctl &= ~(u64)VINTR_TPR_MASK;
		v->vmcb->control.int_ctl |= v->tpr;
		break;
	case APIC_ID: return; /* the monitor addresses it by this */
	}
	*reg(offset) = value;
}

/* An SEV guest may have its C-bit set on a device. */
static enum npt_view view_of(const struct vcpu *v, u64 address)
{
	return guest.kind->is_encrypted && !kind_is_shared(v, address) ? NPT_PRIVATE : NPT_SHARED;
}

void xapic_fault(struct vcpu *v, u64 address, u64 info)
{
	const struct insn *insn;
	u32 value;

	if (!(info & NPF_W)) {
		npt_map(v->npt, view_of(v, address), APIC_BASE_DEFAULT, APIC_BASE_DEFAULT,
			PAGE_SIZE, false, false);
		return;
	}
	insn = exit_insn(v);
	if (insn->kind != INSN_STORE)
		stop_crashed(v, "it wrote its APIC by an instruction that is not a plain store");
	value = insn->has_immediate ? insn->immediate : (u32)*vcpu_reg(v, insn->gpr);
	TRACE(v->id, MMIO, "dir=write gpa=%#lx size=0x4 value=%#x", address & ~v->npt->alias_bit,
	      value);
	exit_finish(v);
	xapic_write(v, (address & ~v->npt->alias_bit) - APIC_BASE_DEFAULT, value);
}

static bool in_service(void)
{
	for (u32 offset = REG_ISR; offset < REG_ISR_END; offset += 0x10)
		if (*reg(offset))
			return true;
	return false;
}

/* What is pending is taken and dropped; level-triggered ones get their EOI. */
static void drop_interrupts(struct vcpu *v)
{
	struct ack ack;

	while (in_service())
		*reg(APIC_EOI) = 0;
	write_cr8(0);
	do {
		ack = ack_poll();
		smp_nmi(v, ack.nmi);
		*reg(APIC_EOI) = 0;
	} while (ack.vector >= 0);
}

void xapic_reset(struct vcpu *v)
{
	*reg(APIC_TIMER_INITIAL) = 0;
	if (*reg(APIC_SVR) & APIC_SVR_ENABLE)
		drop_interrupts(v);
	for (u32 offset = LVT_FIRST; offset < LVT_END; offset += 0x10)
		*reg(offset) = APIC_LVT_MASKED;
	*reg(APIC_SVR) = SVR_RESET;
	*reg(REG_LDR) = 0;
	*reg(REG_DFR) = APIC_DFR_RESET;
	v->apic = (struct apic_address){ .id = v->apic_id, .dfr = APIC_DFR_RESET };
	v->apic_icr_high = 0;
	v->tpr = 0;
	write_cr8(0);
}
