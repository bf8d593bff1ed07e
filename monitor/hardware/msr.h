/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSRs: the exit, and what every kind of guest has of its own, EFER. Others: svm/host_ops.h.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

/* An RDMSR or WRMSR exit. */
void msr_exit(struct vcpu *v);

/* Ends the instruction: its value and RIP, or #GP where @error is one. */
void msr_finish(struct vcpu *v, const struct msr_access *access, int error);

/*
 * Whether QEMU's processor keeps @msr and takes any value of it: a write is to be looked at by
 * msr_value_keep().
 */
bool msr_is_kept(u32 msr);

/*
 * What a processor keeps of itself: TSC and TSC_AUX; others (XSS, DEBUGCTL) read as 0.
 * -E_INVAL: #GP.
 */
must_check int msr_own(struct vcpu *v, struct msr_access *access);

/* EFER, without the bit that is the monitor's; -E_INVAL: #GP. */
must_check int msr_efer(struct vcpu *v, struct msr_access *access);
