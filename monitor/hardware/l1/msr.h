/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSRs of L1 that are not QEMU's to answer: msr_state.h's, and EFER. All others are L1's own.
 */
#pragma once

#include "monitor/hardware/l1/l1.h"

/* A permission map of them, for a VMCB. */
const void *l1_msrpm_new(void);
/*
 * The processor's MSRs that are played, and not QEMU's: whether @msr is one; and an access to one
 * that is the same for all that run there, L1 and guests that it leaves the MSR to (not EFER, nor
 * TSC). -E_INVAL: #GP.
 */
bool l1_msr_plays(u32 msr);
must_check int l1_msr_access(struct msr_access *access);
/* An RDMSR or WRMSR exit. */
void l1_msr_exit(struct vcpu *v);
