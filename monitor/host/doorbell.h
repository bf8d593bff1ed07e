/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The #HV doorbell page: how the host of an SNP guest with restricted injection tells a processor
 * of interrupts and NMIs. As KVM's patches for it have it, each interrupt ends by a real EOI
 * (NoEoiRequired stays clear). Pure but for the page.
 * Spec: GHCB, "#HV doorbell page" and its NAE event; APM2 15.36.16 (restricted injection).
 */
#pragma once

#include "abi/ghcb.h"
#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

/*
 * The NAE event: HV_DOORBELL_* @action with @gpa. What SW_EXITINFO2 answers goes to @answer.
 * -E_INVAL: no such action, or no page of shared memory; then no page is registered.
 */
must_check int doorbell_request(struct vcpu *v, u64 action, u64 gpa, u64 *answer);

/* A lie: bits that are no event of @v's. */
void doorbell_lie(struct vcpu *v, u16 bits);

/* host_ops.h */
bool doorbell_can_tell(const struct vcpu *v);
bool doorbell_tell(struct vcpu *v);
