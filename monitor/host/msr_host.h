/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MSRs that a host answers, as KVM does, of whatever guest and by whatever way it asks.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

#define MSR_MISC_ENABLE 0x1a0
/* No branch trace, no PEBS: read-only, as KVM has it without a performance counter. */
#define MISC_ENABLE_NO_TRACE 0x1800

/* The host's answer, also for the GHCB and TDVMCALL; -E_INVAL: #GP. */
must_check int msr_host_read(struct vcpu *v, u32 msr, u64 *value);
must_check int msr_host_write(struct vcpu *v, u32 msr, u64 value);
/* Either, with its line in the transcript. */
must_check int msr_host(struct vcpu *v, struct msr_access *access);
