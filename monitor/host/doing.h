/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hostile host does behind a request, or an instruction later, where point.h's other lies
 * are words: events, writes to memory that it shares with the guest, pages taken away, time.
 */
#pragma once

#include "monitor/host/point.h"
#include "monitor/svm/vcpu.h"

/* A second, on a processor of 1 GHz: no delay is longer. */
#define DOING_DELAY_MAX U64_C(1000000000)

/*
 * Does what @lie says to @v and its guest, where such a host can; false: it cannot. *@before and
 * *@after: what was there.
 */
bool doing_do(struct vcpu *v, const struct lie *lie, u64 *before, u64 *after);
