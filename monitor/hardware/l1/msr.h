/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSRs of L1 that are not QEMU's to answer: msr_state.h's, and EFER. All others are L1's own.
 */
#pragma once

#include "monitor/hardware/l1/l1.h"

/* A permission map of them, for a VMCB. */
const void *l1_msrpm_new(void);
/* An RDMSR or WRMSR exit. */
void l1_msr_exit(struct vcpu *v);
