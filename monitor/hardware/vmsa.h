/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AP creation: what an SNP guest asks by the GHCB, and the state of a processor that it made.
 * Spec: GHCB 4.1.9; APM2 15.5.1 (what VMRUN refuses), table B-4.
 */
#pragma once

#include "abi/ghcb.h"
#include "abi/vmcb.h"
#include "lib/errno.h"
#include "monitor/svm/violation.h"

struct vmsa_request {
	u32 type; /* SVM_VMGEXIT_AP_* */
	u32 apic_id;
	u64 gpa; /* of the VMSA */
};

/*
 * The host's part, as KVM plays it: 0, or GHCB_ERR_INVALID_INPUT where the processor is none of
 * @cpu_count, or VMPL, SEV_FEATURES (@features: the launch's) or the page are not what it takes. A
 * page at a 2M boundary it refuses because of an erratum.
 */
must_check u32 vmsa_request(const struct ghcb *ghcb, unsigned int cpu_count, u64 features,
			    struct vmsa_request *request);

/* Why VMRUN refuses the registers of @save; NULL: it does not. */
const char *vmsa_state_refusal(const struct vmsa *save);

/*
 * Hardware's part: VIOLATION_VMSA_FEATURES or _STATE, with the reason in @why; or none. @xcr0: the
 * bits that the processor has.
 */
enum violation vmsa_check(const struct vmsa *vmsa, u64 features, u64 xcr0, const char **why);
