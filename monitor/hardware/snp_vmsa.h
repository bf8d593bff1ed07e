/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AP creation of an SNP guest: one of its processors makes the state from which another starts.
 */
#pragma once

#include "abi/ghcb.h"
#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

/* @v's request in @ghcb: 0, or GHCB_ERR_*. What hardware would refuse is a violation. */
must_check u32 snp_vmsa_request(struct vcpu *v, const struct ghcb *ghcb);

/* @v's state from the VMSA that it was created with. */
void snp_vmsa_load(struct vcpu *v);

/* No processor uses the VMSA at @gpa any more; 0: none did. */
void snp_vmsa_release(u64 gpa);
