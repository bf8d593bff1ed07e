/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See msr.h.
 */
#include "monitor/hardware/l1/msr.h"

#include "abi/ghcb.h"
#include "abi/sev.h"
#include "abi/svm.h"
#include "abi/tdx.h"
#include "monitor/hardware/l1/rmp.h"
#include "monitor/hardware/l1/x2apic.h"
#include "monitor/hardware/msr.h"
#include "monitor/machine/memory.h"
#include "monitor/machine/options.h"
#include "monitor/svm/exit_context.h"

#define EFER_FFXSR    0x4000
#define EFER_WRITABLE (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE | EFER_SVME | EFER_FFXSR)

static const u32 trapped[] = {
	MSR_TSC,     MSR_EFER,  MSR_SYSCFG,         MSR_HWCR,         MSR_RMP_BASE,
	MSR_RMP_END, MSR_VM_CR, MSR_VM_HSAVE_PA,    MSR_GHCB,         MSR_SEV_STATUS,
	MSR_BR_FROM, MSR_BR_TO, MSR_LAST_EXCP_FROM, MSR_LAST_EXCP_TO,
};

static u8 *map; /* of permissions, for all processors */

static void trap(u32 msr, unsigned int bits)
{
	map[msrpm_byte(msr)] |= (u8)(bits << msrpm_shift(msr));
}

const void *l1_msrpm_new(void)
{
	map = memory_alloc(MSRPM_SIZE);
	for (unsigned int i = 0; i < array_count(trapped); i++)
		trap(trapped[i], 3);
	trap(MSR_APIC_BASE, 3);
	trap(MSR_DEBUGCTL, 2);
	for (u32 msr = MSR_X2APIC_FIRST; msr <= MSR_X2APIC_LAST; msr++)
		trap(msr, 3);
	return map;
}

/* QEMU's SVME is always set; L1's is kept apart. */
static int efer(struct l1 *p, bool write, u64 *value)
{
	struct vmsa *s = &p->v->vmcb->save;

	if (!write) {
		*value = (s->efer & ~(u64)EFER_SVME) | (p->efer & EFER_SVME);
		return 0;
	}
	if (*value & ~(u64)EFER_WRITABLE || (s->cr0 & CR0_PG && (*value ^ s->efer) & EFER_LME))
		return -E_INVAL;
	p->efer = *value;
	s->efer = (*value & ~(u64)EFER_LMA) | (s->efer & EFER_LMA) | EFER_SVME;
	return 0;
}

/* QEMU's own is neither written nor read by this MSR. */
static int tsc(struct vcpu *v, struct msr_access *a)
{
	if (a->write)
		vcpu_tsc_write(v, a->value);
	else
		a->value = vcpu_tsc(v);
	return 0;
}

/* SNP_EN makes the RMP count: what it names must be one. */
static int access(struct l1 *p, struct msr_access *a)
{
	struct l1_msrs old = p->msrs;

	if (a->msr == MSR_SYSCFG && guest.inject[INJECT_NO_SNP_EN] == (int)p->v->id)
		a->value &= ~(u64)SYSCFG_SNP_EN;
	if (a->msr == MSR_DEBUGCTL && a->write && a->value) /* QEMU's is 0: Linux reads it often */
		trap(MSR_DEBUGCTL, 3);
	if (a->msr == MSR_VM_HSAVE_PA && a->write && a->value && !l1_rmp_lets_write(a->value))
		return -E_INVAL; /* not the host's: APM2 15.36.12 */
	if (l1_msrs_access(&p->msrs, a->msr, a->write, &a->value))
		return -E_INVAL;
	if (!(p->msrs.syscfg & SYSCFG_SNP_EN) || !l1_rmp_enable(&p->msrs))
		return 0;
	p->msrs = old;
	return -E_INVAL;
}

bool l1_msr_plays(u32 msr)
{
	if (l1_x2apic_has(msr) || msr == MSR_DEBUGCTL)
		return true;
	for (unsigned int i = 0; i < array_count(trapped); i++)
		if (trapped[i] == msr)
			return msr != MSR_TSC && msr != MSR_EFER;
	return false;
}

int l1_msr_access(struct msr_access *a)
{
	if (l1_x2apic_has(a->msr))
		return l1_x2apic_access(l1_here(), a->msr, a->write, &a->value);
	return access(l1_here(), a);
}

void l1_msr_exit(struct vcpu *v)
{
	struct msr_access a = {
		.msr = (u32)v->gpr[REG_RCX],
		.write = v->vmcb->control.exit_info_1 & 1,
		.value = v->gpr[REG_RDX] << 32 | (u32)v->vmcb->save.rax,
	};
	int error;

	if (!exit_is(v, SVM_EXIT_MSR))
		return;
	if (a.msr == MSR_EFER)
		error = efer(l1_of(v), a.write, &a.value);
	else if (a.msr == MSR_TSC)
		error = tsc(v, &a);
	else
		error = l1_msr_access(&a);
	msr_finish(v, &a, error);
}
