/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MSRs that KVM emulates for a TD: few, since the rest is in the module's hands, and KVM could
 * only answer with what the TD never has. Spec: KVM's tdx_has_emulated_msr().
 */
#include "abi/kvm_para.h"
#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/host/tdx_vmcall.h"

#define MSR_KVM_LAST 0x4b564dff

/* In order. */
static const struct {
	u32 first, last;
	bool is_read_only;
} emulated[] = {
	{ MSR_APIC_BASE, MSR_APIC_BASE, true },
	{ 0x3a, 0x3a, true },  /* FEATURE_CONTROL */
	{ 0x8b, 0x8b, false }, /* UCODE_REV */
	{ 0xce, 0xce, false }, /* PLATFORM_INFO */
	{ MSR_MTRR_CAP, MSR_MTRR_CAP, false },
	{ 0x10a, 0x10a, false }, /* ARCH_CAPABILITIES */
	{ 0x140, 0x140, false }, /* MISC_FEATURES_ENABLES */
	{ 0x179, 0x17b, false }, /* MCG_CAP, MCG_STATUS, MCG_CTL */
	{ 0x1a0, 0x1a0, false }, /* MISC_ENABLE */
	{ 0x1fc, 0x1fc, false }, /* POWER_CTL */
	{ 0x200, 0x26f, false }, /* MTRRs */
	{ MSR_PAT, MSR_PAT, false },
	{ 0x280, 0x29f, false }, /* MCx_CTL2 */
	{ 0x2ff, 0x2ff, false }, /* MTRR_DEF_TYPE */
	{ 0x400, 0x47f, false }, /* banks of machine check */
	{ 0x4d0, 0x4d0, false }, /* MCG_EXT_CTL */
	{ MSR_TSC_DEADLINE, MSR_TSC_DEADLINE, false },
	/* the x2APIC but for what the processor keeps: TPR, PPR, EOI, ISR, TMR, IRR */
	{ MSR_X2APIC_FIRST, X2APIC_MSR(0x070), false },
	{ X2APIC_MSR(0x090), X2APIC_MSR(0x090), false },
	{ X2APIC_MSR(0x0c0), X2APIC_MSR(0x0f0), false },
	{ X2APIC_MSR(0x280), MSR_X2APIC_LAST, false },
	{ MSR_KVM_POLL_CONTROL, MSR_KVM_POLL_CONTROL, false },
	{ MSR_EFER, MSR_EFER, true },
};

bool tdx_vmcall_has_msr(const struct tdx_td *td, u32 msr, bool write)
{
	if (td->pv_pages && msr >= MSR_KVM_WALL_CLOCK_NEW && msr <= MSR_KVM_LAST)
		return true;
	for (size_t i = 0; i < array_count(emulated) && emulated[i].first <= msr; i++)
		if (msr <= emulated[i].last)
			return !(write && emulated[i].is_read_only);
	return false;
}
