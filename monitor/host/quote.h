/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GetQuote's requests in flight: one for each processor of the TD, answered some time later, and
 * the guest told by the vector that it asked for.
 * Spec: GHCI 3.3 (GetQuote), 3.5 (SetupEventNotifyInterrupt).
 */
#pragma once

#include "monitor/host/tdx_quote.h"
#include "monitor/svm/vcpu.h"

/* Where the next request of @v goes; NULL: its last one is in flight. */
struct tdx_quote_request *quote_slot(struct vcpu *v);

/* Answers what is due. */
void quote_update(struct vcpu *v);

/* Whether something is, at @tsc. */
bool quote_is_due(const struct vcpu *v, u64 *tsc);
