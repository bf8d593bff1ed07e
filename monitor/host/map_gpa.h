/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM_HC_MAP_GPA_RANGE: the guest tells the host what pages are to be. Of an SNP guest they change
 * as by a page-state change, before it goes on; of an SEV or SEV-ES guest it is a message.
 * Spec: KVM-HC.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* 0 or -KVM_E*. */
s64 map_gpa(struct vcpu *v, u64 gpa, u64 page_count, bool private);
