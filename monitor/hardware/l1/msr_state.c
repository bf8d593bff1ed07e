/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See msr_state.h.
 */
#include "monitor/hardware/l1/msr_state.h"

#include "abi/sev.h"
#include "abi/x86.h"

#define PHYSICAL_BITS 48
#define VM_CR_KNOWN   0x1f

void l1_msrs_reset(struct l1_msrs *m)
{
	*m = (struct l1_msrs){ .syscfg = SYSCFG_MEM_ENCRYPT, .hwcr = HWCR_SMMLOCK };
}

static int store(u64 *at, bool write, u64 *value, u64 refused)
{
	if (write && *value & refused)
		return -E_INVAL;
	if (write)
		*at = *value;
	*value = *at;
	return 0;
}

/* SNP_EN stays until reset, and what it depends on with it. */
static bool changes_locked(const struct l1_msrs *m, u64 syscfg)
{
	u64 locked = SYSCFG_SNP_EN | SYSCFG_VMPL_EN | SYSCFG_MEM_ENCRYPT;

	return m->syscfg & SYSCFG_SNP_EN && (syscfg ^ m->syscfg) & locked;
}

static int branches(struct l1_branches *b, u32 msr, bool write, u64 *value)
{
	if (msr == MSR_DEBUGCTL)
		return store(&b->debugctl, write, value, ~(u64)AMD_DEBUGCTL_KNOWN);
	*value = b->records[msr - MSR_BR_FROM];
	return write ? -E_INVAL : 0;
}

int l1_msrs_access(struct l1_msrs *m, u32 msr, bool write, u64 *value)
{
	bool locked = write && m->syscfg & SYSCFG_SNP_EN;
	u64 no_address = ~bits_mask(PHYSICAL_BITS);

	switch (msr) {
	case MSR_SYSCFG:
		if (write && changes_locked(m, *value))
			return -E_INVAL;
		return store(&m->syscfg, write, value, 0);
	case MSR_HWCR: return store(&m->hwcr, write, value, 0);
	case MSR_RMP_BASE: return locked ? -E_INVAL : store(&m->rmp_base, write, value, no_address);
	case MSR_RMP_END: return locked ? -E_INVAL : store(&m->rmp_end, write, value, no_address);
	case MSR_VM_CR: return store(&m->vm_cr, write, value, ~(u64)VM_CR_KNOWN);
	case MSR_VM_HSAVE_PA:
		return store(&m->hsave_pa, write, value, no_address | bits_mask(PAGE_SHIFT));
	case MSR_DEBUGCTL:
	case MSR_BR_FROM:
	case MSR_BR_TO:
	case MSR_LAST_EXCP_FROM:
	case MSR_LAST_EXCP_TO: return branches(&m->branches, msr, write, value);
	case MSR_SEV_STATUS: /* of a host: nothing */ *value = 0; return write ? -E_INVAL : 0;
	default: return -E_INVAL;
	}
}
