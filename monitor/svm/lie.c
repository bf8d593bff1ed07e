/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See lie.h.
 */
#include "monitor/svm/lie.h"

#include "abi/kvm_para.h"
#include "abi/sev.h"
#include "abi/tdx.h"
#include "monitor/svm/inject.h"

#define VC_EXIT 1000 /* inject=vc-spurious: 1000 times the exit, plus the number of the VMGEXIT */

u64 lie_ignored_bit(void)
{
	return guest.inject[INJECT_CPUID_LIE] == LIE_CBIT ? guest.npt.alias_bit >> 1 : 0;
}

static u32 lie_about(u32 leaf, unsigned int reg, u32 value)
{
	static const u32 td[] = {
		[GHCB_CPUID_REG_EAX] = 0,
		[GHCB_CPUID_REG_EBX] = TDX_SIGNATURE_EBX,
		[GHCB_CPUID_REG_ECX] = TDX_SIGNATURE_ECX,
		[GHCB_CPUID_REG_EDX] = TDX_SIGNATURE_EDX,
	};

	if (guest.inject[INJECT_SEV_HIDDEN] == 2 && leaf == CPUID_FEATURES &&
	    reg == GHCB_CPUID_REG_ECX)
		return value & ~(u32)CPUID_FEATURES_ECX_RDRAND;
	switch (guest.inject[INJECT_CPUID_LIE]) {
	case LIE_NO_SEV_LEAF:
		return leaf == CPUID_EXT_MAX && reg == GHCB_CPUID_REG_EAX ? CPUID_SEV - 1 : value;
	case LIE_NO_SEV: return leaf == CPUID_SEV ? 0 : value;
	case LIE_TD: return leaf == TDX_CPUID ? td[reg] : value;
	case LIE_CBIT: return leaf == CPUID_SEV && reg == GHCB_CPUID_REG_EBX ? value - 1 : value;
	default: return value;
	}
}

u64 lie_response(const struct vcpu *v, u64 request, u64 response)
{
	unsigned int reg = bits_get(request, 31, 30);

	switch (ghcb_msr_info(response)) {
	case GHCB_MSR_CPUID_RESP:
		return ghcb_msr_cpuid_resp(lie_about((u32)bits_get(request, 63, 32), reg,
						     (u32)bits_get(response, 63, 32)),
					   reg);
	case GHCB_MSR_REGISTER_GPA_RESP:
		return lie_setup_fails(v) ? GHCB_MSR_GPA_MASK | GHCB_MSR_REGISTER_GPA_RESP
					  : response;
	case GHCB_MSR_SEV_INFO_RESP:
		return lie_ignored_bit() || guest.inject[INJECT_CPUID_LIE] == LIE_SEV_INFO
			       ? response - bits_put(1, 31, 24)
			       : response;
	default: return response;
	}
}

bool lie_refuses_page(const struct vcpu *v, u32 msr)
{
	int one = (int)(10 * v->id + (msr - MSR_KVM_WALL_CLOCK_NEW));

	return lie_setup_fails(v) || guest.inject[INJECT_PV_REFUSE] == one;
}

void lie_after_vmgexit(struct vcpu *v)
{
	static int count;

	int vc = guest.inject[INJECT_VC_SPURIOUS];

	count++;
	if (vc > 0 && count == vc % VC_EXIT) /* without an exit: CPUID's */
		inject_vc(v, vc / VC_EXIT ? (u64)(vc / VC_EXIT) : SVM_EXIT_CPUID);
	if (guest.inject[INJECT_NMI_IN_MSR] > 0 && count >= guest.inject[INJECT_NMI_IN_MSR])
		v->nmi_pending = true;
}
