/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSRs: what every kind of guest has of its own (EFER), and those that a host answers, as KVM does.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

#define MSR_MISC_ENABLE 0x1a0
/* No branch trace, no PEBS: read-only, as KVM has it without a performance counter. */
#define MISC_ENABLE_NO_TRACE 0x1800

/* An RDMSR, or a WRMSR with its value. */
struct msr_access {
	u32 msr;
	bool write;
	u64 value;
};

/* An RDMSR or WRMSR exit. */
void msr_exit(struct vcpu *v);

/* Ends the instruction: its value and RIP, or #GP where @error is one. */
void msr_finish(struct vcpu *v, const struct msr_access *access, int error);

/* EFER, without the bit that is the monitor's; -E_INVAL: #GP. */
must_check int msr_efer(struct vcpu *v, struct msr_access *access);

/* The host's answer, also for the GHCB and TDVMCALL; -E_INVAL: #GP. */
must_check int msr_host_read(struct vcpu *v, u32 msr, u64 *value);
must_check int msr_host_write(struct vcpu *v, u32 msr, u64 value);
/* Either, with its line in the transcript. */
must_check int msr_host(struct vcpu *v, struct msr_access *access);
