/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Segments of the guest, for what is done in the processor's place.
 * Spec: APM2 4.5 (in 64-bit mode FS and GS alone have a base), 4.12 (limit and type checks), 5.3.1
 * (canonical addresses).
 */
#pragma once

#include "monitor/svm/access.h"
#include "monitor/svm/vcpu.h"

/* Its base; 0 where the mode knows of none. */
u64 segment_base(const struct vcpu *v, enum insn_segment segment);

/* The linear address of @size bytes at @offset. False: not all of them may be accessed so. */
must_check bool segment_reaches(const struct vcpu *v, enum insn_segment segment,
				enum access_kind kind, u64 offset, u64 size, u64 *linear);
/* Tells the guest: #SS of the stack segment, #GP of each other. */
void segment_refuse(struct vcpu *v, enum insn_segment segment);

/*
 * The linear address of @size bytes at @offset, to be read. False: there are none, and the guest
 * has been told, #SS of the stack segment and #GP of each other.
 */
must_check bool segment_read(struct vcpu *v, enum insn_segment segment, u64 offset,
			     unsigned int size, u64 *linear);
