/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See ap_creation.h.
 */
#include "monitor/host/ap_creation.h"

#include "monitor/hardware/snp_vmsa.h"
#include "monitor/host/vmsa_request.h"
#include "monitor/svm/lie.h"
#include "monitor/svm/pages.h"
#include "monitor/svm/smp.h"

u32 ap_creation(struct vcpu *v, const struct ghcb *ghcb)
{
	struct vmsa_request r;
	u32 error = vmsa_request(ghcb, guest.cpu_count, guest.sev_features, &r);
	bool on_init = r.type == SVM_VMGEXIT_AP_CREATE_ON_INIT, changed;
	struct startup *s;

	if (error)
		return error;
	if (lie_start_fails(&guest.cpus[r.apic_id]))
		return GHCB_ERR_INVALID_INPUT;
	s = &guest.cpus[r.apic_id].startup;
	if (r.type != SVM_VMGEXIT_AP_DESTROY)
		snp_vmsa_take(v, r.gpa);
	snp_vmsa_release(s->request_gpa);
	changed = r.type == SVM_VMGEXIT_AP_DESTROY ? startup_destroy(s)
						   : startup_create(s, r.gpa, on_init);
	snp_vmsa_release(startup_take_old(s));
	if (changed)
		smp_kick(v, &guest.cpus[r.apic_id]);
	return 0;
}
