/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See msr.h.
 */
#include "monitor/hardware/msr.h"

#include "lib/cpu.h"
#include "monitor/hardware/msr_value.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/inject.h"
#include "monitor/svm/hardware_ops.h"

/* FFXSR is left out, as by QEMU's processor, whose CPUID has none. */
#define EFER_WRITABLE (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)

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

int msr_own(struct vcpu *v, struct msr_access *a)
{
	switch (a->msr) {
	case MSR_TSC:
		if (!a->write)
			a->value = vcpu_tsc(v);
		return 0;
	case MSR_TSC_AUX:
		if (!a->write) {
			a->value = v->hardware->tsc_aux;
			return 0;
		}
		if (a->value >> 32)
			return -E_INVAL;
		v->hardware->tsc_aux = a->value;
		return wrmsr_safe(MSR_TSC_AUX, a->value) ? -E_INVAL : 0;
	default:
		if (!a->write)
			a->value = 0;
		return a->write && a->msr == MSR_XSS && a->value ? -E_INVAL : 0;
	}
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
	exit_finish(v);
}

/* State that the processor keeps for the guest at all times, and that the monitor does not use. */
bool msr_is_kept(u32 msr)
{
	switch (msr) {
	case MSR_SYSENTER_ESP:
	case MSR_SYSENTER_EIP:
	case MSR_PAT:
	case MSR_LSTAR:
	case MSR_CSTAR:
	case MSR_SFMASK:
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_KERNEL_GS_BASE: return true;
	default: return false;
	}
}

static void keep(struct vcpu *v, struct msr_access *a)
{
	int error = 0;

	if (!msr_value_keep(a->msr, guest.hardware->is_intel, &a->value) ||
	    wrmsr_safe(a->msr, a->value))
		error = -E_INVAL;
	msr_finish(v, a, error);
}

void msr_exit(struct vcpu *v)
{
	struct msr_access access = {
		.msr = (u32)v->gpr[REG_RCX],
		.write = v->vmcb->control.exit_info_1 & 1,
		.value = v->gpr[REG_RDX] << 32 | (u32)v->vmcb->save.rax,
	};

	if (access.write && msr_is_kept(access.msr))
		keep(v, &access);
	else
		guest.hardware->msr(v, &access);
}
