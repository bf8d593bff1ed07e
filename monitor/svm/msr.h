/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSRs: those that hardware keeps from an SNP guest's host (EFER, SEV_STATUS, the GHCB MSR), and
 * those that a host answers, as KVM does.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

/* An RDMSR or WRMSR exit. */
void msr_exit(struct vcpu *v);

/* The host's answer, also for the GHCB; -E_INVAL: #GP. */
must_check int msr_host_read(struct vcpu *v, u32 msr, u64 *value);
must_check int msr_host_write(struct vcpu *v, u32 msr, u64 value);
