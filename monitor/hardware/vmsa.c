/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See vmsa.h.
 */
#include "monitor/hardware/vmsa.h"

#include "abi/sev.h"
#include "abi/snp_message.h"
#include "abi/x86.h"
#include "lib/compiler.h"
#include "monitor/hardware/msr_value.h"

#define EFER_KNOWN (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE | EFER_SVME | U64_C(0x4000))

const char *vmsa_state_refusal(const struct vmsa *s)
{
	bool paged = s->cr0 & CR0_PG, enters_long = s->efer & EFER_LME && paged;

	if (!(s->efer & EFER_SVME))
		return "EFER.SVME is clear";
	if (s->efer & ~(u64)EFER_KNOWN)
		return "EFER has unknown bits set";
	if (s->cr0 & CR0_NW && !(s->cr0 & CR0_CD))
		return "CR0.NW is set without CR0.CD";
	if (s->cr0 >> 32 || s->cr4 >> 32 || s->dr6 >> 32 || s->dr7 >> 32)
		return "a control or debug register has high bits set";
	if (paged && !(s->cr0 & CR0_PE))
		return "CR0.PG is set without CR0.PE";
	if (enters_long && !(s->cr4 & CR4_PAE))
		return "long mode without CR4.PAE";
	if (enters_long && s->cs.attrib & SEG_ATTRIB_L && s->cs.attrib & SEG_ATTRIB_D)
		return "CS has both L and D";
	return NULL;
}

enum violation vmsa_check(const struct vmsa *vmsa, u64 features, u64 xcr0, const char **why)
{
	*why = "SEV_FEATURES";
	if (vmsa->sev_features != features)
		return VIOLATION_VMSA_FEATURES;
	*why = vmsa->vmpl ? "its VMPL is not 0" : vmsa_state_refusal(vmsa);
	if (!*why && features & SEV_FEATURES_SECURE_TSC && vmsa->guest_tsc_scale != TSC_SCALE_ONE)
		*why = "GUEST_TSC_SCALE is not what MSG_TSC_INFO has"; /* and TCG has no scale */
	if (!*why && !xcr0_is_legal(vmsa->xcr0, xcr0))
		*why = "XCR0 is none that the processor has";
	return *why ? VIOLATION_VMSA_STATE : VIOLATION_NONE;
}
