/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transcript's `exit` lines: of each exit where the guest was, how it came there, and how long
 * the monitor took. Off unless it is asked for by name: then one test an exit, and nothing else.
 */
#pragma once

#include "model/transcript.h"
#include "monitor/svm/vcpu.h"

/* Whether `exit` or `page` lines are asked for. */
extern bool profiling;

/* Before the exit is handled; it may be over, as far as this processor goes, when another's is. */
void profile_begin(struct vcpu *v);
void profile_end(struct vcpu *v);

/* #VC or #VE is about to be delivered: the handler's own exits are for the instruction at RIP. */
void profile_cause(struct vcpu *v);
/* What the guest asked for, by the code of @event. */
static inline void profile_asked(struct vcpu *v, enum transcript_event event, u64 code)
{
	v->profile.event = event;
	v->profile.code = code;
}

/* The processor whose exit is being handled, for what it changes; NULL before the first. */
struct vcpu *profile_now(void);
