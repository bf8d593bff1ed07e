/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See msr.h.
 */
#include "monitor/hardware/nested/msr.h"

#include "abi/ghcb.h"
#include "abi/sev.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "monitor/hardware/l1/frame.h"
#include "monitor/hardware/l1/l1.h"
#include "monitor/hardware/l1/msr.h"
#include "monitor/hardware/msr.h"
#include "monitor/hardware/msr_value.h"
#include "monitor/machine/memory.h"

/* What VMLOAD and VMRUN load: L2's own as long as it runs. */
static const u32 own[] = {
	MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP, MSR_STAR,    MSR_LSTAR,
	MSR_CSTAR,       MSR_SFMASK,       MSR_FS_BASE,      MSR_GS_BASE, MSR_KERNEL_GS_BASE,
};

u8 *nested_msrpm_new(void)
{
	u8 *map = memory_alloc(MSRPM_SIZE);

	return memset(map, 0xff, MSRPM_SIZE);
}

void nested_msrpm_merge(struct nested *n)
{
	for (unsigned int i = 0; i < array_count(own); i++) {
		u32 byte = msrpm_byte(own[i]);
		/* QEMU's processor would take any value. */
		u8 bits = (u8)((msr_is_kept(own[i]) ? 1 : 3) << msrpm_shift(own[i]));

		n->merged_msrpm[byte] = (u8)((n->merged_msrpm[byte] & ~bits) |
					     (((const u8 *)n->msrpm)[byte] & bits));
	}
}

static u8 map_byte(const struct nested *n, u32 byte)
{
	u64 pa = n->msrpm + byte;

	return ((const u8 *)l1_frame(pa, 0))[pa % PAGE_SIZE];
}

/* L1's map is in memory, where it may have changed since. */
static bool is_l1s(const struct nested *n, const struct msr_access *a)
{
	u32 byte = msrpm_byte(a->msr);

	if (a->msr == MSR_SEV_STATUS && n->mode) /* never: APM2 15.34.10 */
		return false;
	if (!nested_is_intercepted(n, VMCB_INTERCEPT_MSR))
		return false;
	return byte == MSRPM_SIZE || map_byte(n, byte) >> msrpm_shift(a->msr) >> a->write & 1;
}

/* One that L1 leaves to its guest, on QEMU's processor. */
static int native(struct msr_access *a)
{
	if (a->write && msr_is_kept(a->msr) && !msr_value_keep(a->msr, false, &a->value))
		return -E_INVAL;
	if (a->write)
		return wrmsr_safe(a->msr, a->value) ? -E_INVAL : 0;
	return rdmsr_safe(a->msr, &a->value) ? -E_INVAL : 0;
}

static u64 status(const struct nested *n)
{
	static const u64 status[] = {
		[NESTED_SEV] = SEV_STATUS_SEV,
		[NESTED_SEV_ES] = SEV_STATUS_SEV | SEV_STATUS_SEV_ES,
		[NESTED_SNP] = SEV_STATUS_SEV | SEV_STATUS_SEV_ES | SEV_STATUS_SEV_SNP,
	};

	if (n->mode >= NESTED_SEV_ES && n->swaps_debug)
		return status[n->mode] | SEV_STATUS_DEBUG_SWAP;
	return status[n->mode];
}

/* G_PAT, which QEMU's VMRUN does not load: APM2 15.25.8 */
static int pat(struct nested *n, struct msr_access *a)
{
	u64 *value = &n->l2.vmcb->save.g_pat;

	if (a->write && !msr_value_keep(MSR_PAT, false, &a->value))
		return -E_INVAL;
	if (a->write)
		*value = a->value;
	a->value = *value;
	return 0;
}

/* RDMSR adds the offset, too. WRMSR is one of the processor's, which is L1's: APM2 15.30.5 */
static int tsc(struct nested *n, struct msr_access *a)
{
	u64 by = a->value - vcpu_tsc(&n->l2);

	if (!a->write) {
		a->value = vcpu_tsc(&n->l2);
		return 0;
	}
	vcpu_tsc_write(n->host->v, vcpu_tsc(n->host->v) + by);
	n->l2.vmcb->control.tsc_offset += by;
	return 0;
}

static int access(struct nested *n, struct msr_access *a)
{
	switch (a->msr) {
	case MSR_SEV_STATUS: a->value = status(n); return a->write ? -E_INVAL : 0;
	case MSR_GHCB:
		if (n->mode < NESTED_SEV_ES)
			return -E_INVAL;
		if (a->write)
			n->ghcb_msr = a->value;
		a->value = n->ghcb_msr;
		return 0;
	case MSR_PAT: return pat(n, a);
	case MSR_TSC: return tsc(n, a);
	case MSR_EFER: return msr_efer(&n->l2, a);
	case MSR_VM_HSAVE_PA: return -E_INVAL;
	default: return l1_msr_plays(a->msr) ? l1_msr_access(a) : native(a);
	}
}

bool nested_msr(struct nested *n)
{
	struct vcpu *v = &n->l2;
	struct msr_access a = {
		.msr = (u32)v->gpr[REG_RCX],
		.write = v->vmcb->control.exit_info_1 & 1,
		.value = v->gpr[REG_RDX] << 32 | (u32)v->vmcb->save.rax,
	};

	if (is_l1s(n, &a))
		return true;
	if (exit_is(v, SVM_EXIT_MSR))
		msr_finish(v, &a, access(n, &a));
	return false;
}
