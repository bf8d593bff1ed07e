/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM_HC_MAP_GPA_RANGE: the guest tells the host what pages are to be. Of an SNP guest they change
 * as by a page-state change, before it goes on; an SEV or SEV-ES guest's are as the host has them
 * once it calls them shared, and else it is a message.
 * Spec: KVM-HC.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* 0 or -KVM_E*. */
s64 map_gpa(struct vcpu *v, u64 gpa, u64 page_count, bool private);
