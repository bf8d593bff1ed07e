/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes of CR0 by an SNP guest: switching paging on or off changes what its addresses mean.
 */
#pragma once

#include "monitor/svm/vcpu.h"

/* A write that changes more than TS and MP: VMEXIT_CR0_SEL_WRITE. */
void cr0_exit(struct vcpu *v);
