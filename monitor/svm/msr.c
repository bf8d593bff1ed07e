/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See msr.h. The processor itself is no judge of what exists: TCG answers 0 for an unknown MSR
 * where KVM raises #GP, so the lists below decide.
 */
#include "monitor/svm/msr.h"

#include "lib/compiler.h"
#include "lib/cpu.h"
#include "monitor/host/end.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/kind.h"
#include "monitor/svm/kvm.h"

#define EFER_FFXSR    0x4000
#define EFER_WRITABLE (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE | EFER_FFXSR)
#define INSN_LENGTH   2

#define MSR_MISC_ENABLE   0x1a0
#define MSR_UCODE_REV     0x8b
#define UCODE_REV         (U64_C(0x01000065) << 32) /* KVM's for AMD */
#define MSR_MCG_CAP       0x179
#define MSR_MC0_CTL       0x400
#define MC_BANKS_END      0x480
#define MSR_MTRR_DEF_TYPE 0x2ff
#define MSR_SYSCFG        0xc0010010
#define MSR_HWCR          0xc0010015
#define MSR_DE_CFG        0xc0011029

/* The machine's own value is the guest's, both ways. */
static bool is_machine(u32 msr)
{
	return msr == MSR_APIC_BASE || (msr >= 0x200 && msr < 0x210) || msr == 0x250 ||
	       msr == 0x258 || msr == 0x259 || (msr >= 0x268 && msr < 0x270) ||
	       msr == MSR_MTRR_DEF_TYPE || (msr >= MSR_MCG_CAP && msr < MSR_MCG_CAP + 3) ||
	       (msr >= MSR_MC0_CTL && msr < MC_BANKS_END);
}

/* Reads as 0, ignores what is written, as in KVM. */
static bool is_ignored(u32 msr)
{
	return msr == MSR_SYSCFG || msr == 0xc001001f /* NB_CFG */ ||
	       msr == 0xc0010055 /* INT_PENDING */ || msr == 0xc0010058 /* MMIO_CONF_BASE */ ||
	       msr == 0xc0010112 /* TSEG address */ || msr == 0xc0010113 ||
	       msr == 0xc0010140 /* OSVW */ || msr == 0xc0010141 || msr == 0x1d9 /* DEBUGCTL */ ||
	       (msr >= 0x1db && msr <= 0x1de) /* last branch */ ||
	       (msr >= 0xc0010000 && msr < 0xc0010008) /* performance counters */;
}

int msr_host_read(struct vcpu *v, u32 msr, u64 *value)
{
	*value = 0;
	switch (msr) {
	case MSR_TSC: *value = vcpu_tsc(v); return 0;
	case MSR_TSC_AUX: *value = v->msr_tsc_aux; return 0;
	case MSR_UCODE_REV: *value = UCODE_REV; return 0;
	case MSR_MISC_ENABLE: *value = v->msr_misc_enable; return 0;
	case MSR_HWCR: *value = v->msr_hwcr; return 0;
	case MSR_DE_CFG: *value = v->msr_de_cfg; return 0;
	case MSR_XSS: return 0;
	case MSR_MTRR_CAP: *value = rdmsr(msr); return 0;
	default: break;
	}
	if (kvm_msr_known(msr, guest.cpuid.kvm_features))
		return kvm_msr_read(v, msr, value);
	if (is_machine(msr))
		return rdmsr_safe(msr, value) ? -E_INVAL : 0;
	return is_ignored(msr) ? 0 : -E_INVAL;
}

int msr_host_write(struct vcpu *v, u32 msr, u64 value)
{
	switch (msr) {
	case MSR_TSC: return 0;
	case MSR_TSC_AUX:
		if (value >> 32)
			return -E_INVAL;
		v->msr_tsc_aux = value;
		wrmsr(MSR_TSC_AUX, value);
		return 0;
	case MSR_UCODE_REV: return 0;
	case MSR_MISC_ENABLE: v->msr_misc_enable = value; return 0;
	case MSR_HWCR: v->msr_hwcr = value; return 0;
	case MSR_DE_CFG: v->msr_de_cfg = value; return 0;
	case MSR_XSS: return value ? -E_INVAL : 0;
	default: break;
	}
	if (kvm_msr_known(msr, guest.cpuid.kvm_features))
		return kvm_msr_write(v, msr, value);
	/* The local APIC stays where it is, reached by memory. */
	if (msr == MSR_APIC_BASE && (value ^ rdmsr(msr)) & ~(u64)APIC_BASE_ENABLE)
		return -E_INVAL;
	if (is_machine(msr))
		return wrmsr_safe(msr, value) ? -E_INVAL : 0;
	return is_ignored(msr) ? 0 : -E_INVAL;
}

static int efer_write(struct vcpu *v, u64 value)
{
	struct vmsa *s = &v->vmcb->save;

	if (value & ~(u64)EFER_WRITABLE || (s->cr0 & CR0_PG && (value ^ s->efer) & EFER_LME))
		return -E_INVAL;
	s->efer = (value & ~(u64)EFER_LMA) | (s->efer & EFER_LMA) | EFER_SVME;
	return 0;
}

int msr_efer(struct vcpu *v, struct msr_access *a)
{
	if (a->write)
		return efer_write(v, a->value);
	a->value = v->vmcb->save.efer & ~(u64)EFER_SVME;
	return 0;
}

int msr_host(struct vcpu *v, struct msr_access *a)
{
	int error = a->write ? msr_host_write(v, a->msr, a->value)
			     : msr_host_read(v, a->msr, &a->value);

	TRACE(v->id, MSR, "dir=%s msr=%#x value=%#lx result=%d", a->write ? "write" : "read",
	      a->msr, a->value, error);
	return error;
}

void msr_finish(struct vcpu *v, const struct msr_access *a, int error)
{
	struct vmsa *s = &v->vmcb->save;

	if (error) {
		inject_exception_error(v, VEC_GP, 0);
		return;
	}
	if (!a->write) {
		s->rax = (u32)a->value;
		v->gpr[REG_RDX] = a->value >> 32;
	}
	s->rip += INSN_LENGTH;
}

void msr_exit(struct vcpu *v)
{
	struct msr_access access = {
		.msr = (u32)v->gpr[REG_RCX],
		.write = v->vmcb->control.exit_info_1 & 1,
		.value = v->gpr[REG_RDX] << 32 | (u32)v->vmcb->save.rax,
	};

	guest.kind->msr(v, &access);
}
