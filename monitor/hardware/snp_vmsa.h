/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages from which processors of an SNP guest start: VMSAs.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* The VMSA at @gpa is in use from now on. What VMRUN would refuse is a violation of @v's. */
void snp_vmsa_take(struct vcpu *v, u64 gpa);

/* @v's state from the VMSA that it was created with. */
void snp_vmsa_load(struct vcpu *v);

/* No processor uses the VMSA at @gpa any more; 0: none did. */
void snp_vmsa_release(u64 gpa);
