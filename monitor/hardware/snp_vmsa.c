/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See snp_vmsa.h. On hardware the processor runs from the page; here its state is copied when it
 * starts, and the page is nobody's until it is destroyed or gets another one.
 */
#include "monitor/hardware/snp_vmsa.h"

#include "monitor/hardware/snp_message.h"
#include "monitor/hardware/vmsa.h"
#include "monitor/hardware/state.h"
#include "monitor/svm/npt.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/stop.h"

void snp_vmsa_release(u64 gpa)
{
	if (gpa)
		rmp_vmsa_end(&hardware.rmp, gpa);
}

static void check(struct vcpu *v, const struct vmsa *vmsa, u64 gpa)
{
	const struct cpuid_cpu cpu = { 0 };
	struct cpuid_values xstate = cpuid_get(&hardware.cpuid, &cpu, CPUID_XSTATE, 0);
	const char *why = "";
	enum violation violation =
		vmsa_check(vmsa, guest.sev_features, (u64)xstate.edx << 32 | xstate.eax, &why);

	if (violation)
		stop_violation(v, violation, "gpa=%#lx reason=\"%s\"", gpa, why);
}

void snp_vmsa_take(struct vcpu *v, u64 gpa)
{
	enum violation violation = rmp_vmsa_begin(&hardware.rmp, gpa);

	if (violation)
		stop_violation(v, violation, "gpa=%#lx", gpa);
	npt_unmap(&guest.npt, gpa, PAGE_SIZE);
	page_poison(gpa, PAGE_SIZE);
	check(v, page_pointer(gpa), gpa);
}

/* Until the others had left the guest they could still write to the page that was judged. */
void snp_vmsa_load(struct vcpu *v)
{
	v->vmcb->save = *(const struct vmsa *)page_pointer(v->startup.vmsa_gpa);
	check(v, &v->vmcb->save, v->startup.vmsa_gpa);
	snp_tsc_load(v->vmcb);
}
