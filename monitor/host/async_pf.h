/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM's async page faults, for a test: a page that the guest touches for the first time is said to
 * be away for inject=async-pf:<ms>. One at a time for each processor.
 * Spec: KVM-MSR, MSR_KVM_ASYNC_PF_EN.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

/* The guest wrote the MSR: as KVM does, whoever waits is told to wait no longer. */
must_check int async_pf_enable(struct vcpu *v);

/*
 * A nested page fault at @gpa with @info. True: the page is not mapped yet, and the guest gets a
 * #PF that tells it so. False: it is not the moment.
 */
bool async_pf_start(struct vcpu *v, u64 gpa, u64 info);

/* At each entry: the page may have come. */
void async_pf_update(struct vcpu *v);

/* Whether a page is on its way, for which the guest may sleep; until when on the TSC. */
bool async_pf_is_due(const struct vcpu *v, u64 *tsc);
