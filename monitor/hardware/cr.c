/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See cr.h. The write is done here, so that the very next access is judged by the right view, and
 * since the processor below does not refuse what it should: TCG ends the guest by a reserved bit of
 * CR4 or CR3, and takes what the guest's CPUID does not offer.
 * Spec: APM2 3.1.1, 3.1.3 (what is refused), 5.3.2 (CR3), 14.6 (entering long mode).
 */
#include "monitor/hardware/cr.h"

#include "monitor/hardware/cr_rules.h"
#include "monitor/hardware/msr_value.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/hardware/state.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/hardware_ops.h"
#include "monitor/svm/stop.h"
#include "monitor/svm/vmcb.h"
#include "monitor/svm/walk.h"

#define CR0_KNOWN (CR0_LOW | CR0_WP | CR0_AM | CR0_NW | CR0_CD | CR0_PG)
#define CR0_LOW   0x3f
/* Before CPUID had bits for them: all that TCG has. */
#define CR4_LEGACY 0x000007ff

/* Bits of CR4 that CPUID has to offer. */
static const struct {
	u32 cr4;
	u32 leaf;
	u8 reg; /* in struct cpuid_values */
	u8 bit;
} cr4_features[] = {
	{ CR4_OSXSAVE, CPUID_FEATURES, 2, 26 }, { CR4_FSGSBASE, CPUID_STRUCTURED, 1, 0 },
	{ CR4_SMEP, CPUID_STRUCTURED, 1, 7 },   { CR4_SMAP, CPUID_STRUCTURED, 1, 20 },
	{ CR4_UMIP, CPUID_STRUCTURED, 2, 2 },   { CR4_PKE, CPUID_STRUCTURED, 2, 3 },
	{ CR4_PCIDE, CPUID_FEATURES, 2, 17 },
};

#define LMSW_BITS 0xf

#define OPCODE_IRET    0xcf
#define RFLAGS_OF_IRET 0x7fd5 /* in real mode: all of the low half that can change */

/* By the guest's CPUID, which does not change; what a guest of L1's has is for L1 to say. */
static u64 cr4_offered(void)
{
	const struct cpuid_cpu cpu = { 0 };
	u64 offered = CR4_LEGACY;
	bool is_l1s = l1_here();

	for (size_t i = 0; i < array_count(cr4_features); i++) {
		u32 leaf = cr4_features[i].leaf;
		struct cpuid_regs own = cpuid_raw(leaf, 0);
		struct cpuid_values v = cpuid_get(&hardware.cpuid, &cpu, leaf, 0);
		const u32 regs[] = { is_l1s ? own.eax : v.eax, is_l1s ? own.ebx : v.ebx,
				     is_l1s ? own.ecx : v.ecx, is_l1s ? own.edx : v.edx };

		if (regs[cr4_features[i].reg] & BIT(cr4_features[i].bit))
			offered |= cr4_features[i].cr4;
	}
	return offered;
}

static bool is_legal(const struct vmsa *s, unsigned int cr, u64 value)
{
	static u64 offered;

	if (!cr)
		return cr0_is_legal(s, value);
	if (!offered)
		offered = cr4_offered();
	return cr4_is_legal(s, value, offered);
}

static void cr0_write(struct vmsa *s, u64 cr0)
{
	s->efer &= ~(u64)EFER_LMA;
	if (cr0 & CR0_PG && s->efer & EFER_LME)
		s->efer |= EFER_LMA;
	s->cr0 = cr0;
}

static void watch_real_iret(struct vcpu *v)
{
	const struct vmsa *s = &v->vmcb->save;

	v->hardware->real_iret = !(s->cr0 & CR0_PE) && s->ss.attrib & SEG_ATTRIB_D;
	if (v->hardware->real_iret)
		vmcb_intercept(v->vmcb, VMCB_INTERCEPT_IRET, true);
}

bool cr_real_iret(struct vcpu *v)
{
	struct vmsa *s = &v->vmcb->save;
	struct {
		u16 ip, cs, flags;
	} frame;
	u32 error;

	v->hardware->real_iret = false;
	vmcb_intercept(v->vmcb, VMCB_INTERCEPT_IRET, false);
	exit_insn(v);
	if (s->cr0 & CR0_PE || !(s->ss.attrib & SEG_ATTRIB_D) || !v->exit.count ||
	    v->exit.bytes[0] != OPCODE_IRET ||
	    walk_read(v, s->ss.base + (u32)s->rsp, &frame, sizeof(frame), &error))
		return false;
	s->rsp = (u32)s->rsp + sizeof(frame);
	s->rip = frame.ip;
	s->cs.selector = frame.cs;
	s->cs.base = (u64)frame.cs << 4;
	v->vmcb->control.int_state &= ~(u64)VMCB_INT_SHADOW;
	s->rflags = (s->rflags & ~(u64)RFLAGS_OF_IRET) | (frame.flags & RFLAGS_OF_IRET);
	return true;
}

/* False: it is not there, which the guest has been told. */
static bool read_word(struct vcpu *v, u64 linear, u16 *word)
{
	u8 *bytes = (u8 *)word;
	u32 error;

	for (unsigned int i = 0; i < sizeof(*word); i++) {
		if (!walk_read(v, linear + i, &bytes[i], 1, &error))
			continue;
		v->vmcb->save.cr2 = linear + i;
		inject_exception_error(v, VEC_PF, error);
		return false;
	}
	return true;
}

/* 16 bits, whatever the operand's size. False: it is not there, which the guest has been told. */
static bool lmsw_operand(struct vcpu *v, const struct insn *insn, u16 *word)
{
	u64 linear;

	if (insn->is_memory)
		return exit_read_address(v, sizeof(*word), &linear) && read_word(v, linear, word);
	*word = (u16)*vcpu_reg(v, insn->gpr);
	return true;
}

/* LMSW clears no PE (APM3). Reserved bits of CR0 below 32 are ignored, as by KVM. */
static bool new_value(struct vcpu *v, const struct insn *insn, unsigned int cr, u64 *value)
{
	u16 word;

	if (insn->kind == INSN_LMSW) {
		if (!lmsw_operand(v, insn, &word))
			return false;
		*value =
			(v->vmcb->save.cr0 & ~(u64)(CR0_MP | CR0_EM | CR0_TS)) | (word & LMSW_BITS);
		return true;
	}
	*value = *vcpu_reg(v, insn->gpr);
	if (!vcpu_long_mode(v))
		*value = (u32)*value;
	if (cr == 0)
		*value = (*value & (CR0_KNOWN | bits_put(~0U, 63, 32))) | CR0_ET;
	return true;
}

void cr_exit(struct vcpu *v, unsigned int cr)
{
	struct vmsa *s = &v->vmcb->save;
	const struct insn *insn = exit_insn(v);
	u64 value;

	if (!exit_is(v, cr ? EXIT_CR4_WRITE : EXIT_CR0_SEL_WRITE) ||
	    !new_value(v, insn, cr, &value))
		return;
	if (!guest.hardware->write_cr(v, cr, value, insn))
		return;
	if (!is_legal(s, cr, value)) {
		inject_exception_error(v, VEC_GP, 0);
		return;
	}
	if (cr)
		s->cr4 = value;
	else
		cr0_write(s, value);
	exit_finish(v);
	watch_real_iret(v);
}

void cr_xsetbv(struct vcpu *v)
{
	u64 supported =
		hardware.td.info.xfam ? hardware.td.info.xfam : hardware.cpuid.xcr0_supported;
	u64 value = v->gpr[REG_RDX] << 32 | (u32)v->vmcb->save.rax;

	if (!(v->vmcb->save.cr4 & CR4_OSXSAVE)) { /* QEMU 8.1 and later leave both to us */
		inject_exception(v, VEC_UD);
		return;
	}
	if (v->vmcb->save.cpl || (u32)v->gpr[REG_RCX] || !xcr0_is_legal(value, supported)) {
		inject_exception_error(v, VEC_GP, 0);
		return;
	}
	xsetbv(0, value);
	exit_finish(v);
}

/* Where VMRUN failed for what is in the VMCB, an event would not have been delivered. */
bool cr3_exit(struct vcpu *v)
{
	unsigned int address_bits = cpuid_raw(CPUID_ADDRESS_SIZES, 0).eax & 0xff;
	const struct insn *insn = exit_insn(v);

	if (v->vmcb->control.exit_int_info & EVENT_VALID || insn->kind != INSN_MOV_TO_CR ||
	    insn->special != 3 || !(*vcpu_reg(v, insn->gpr) & ~bits_mask(address_bits)))
		return false;
	inject_exception_error(v, VEC_GP, 0);
	return true;
}

void cr8_exit(struct vcpu *v)
{
	u64 value;

	if (!exit_is(v, EXIT_CR8_WRITE))
		return;
	value = *vcpu_reg(v, exit_insn(v)->gpr);
	if (value & ~(u64)VINTR_TPR_MASK) {
		inject_exception_error(v, VEC_GP, 0);
		return;
	}
	v->vmcb->control.int_ctl &= ~(u64)VINTR_TPR_MASK;
	v->vmcb->control.int_ctl |= value;
	exit_finish(v);
}
