/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an SNP guest asks of its host by AP creation. Spec: GHCB 4.1.9.
 */
#pragma once

#include "abi/ghcb.h"
#include "lib/errno.h"

struct vmsa_request {
	u32 type; /* SVM_VMGEXIT_AP_* */
	u32 apic_id;
	u64 gpa; /* of the VMSA */
};

/*
 * As KVM reads it: 0, or GHCB_ERR_INVALID_INPUT where the processor is none of @cpu_count, or VMPL,
 * SEV_FEATURES (@features: the launch's) or the page are not what it takes. A page at a 2M boundary
 * it refuses because of an erratum.
 */
must_check u32 vmsa_request(const struct ghcb *ghcb, unsigned int cpu_count, u64 features,
			    struct vmsa_request *request);
