/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What profile.c notes at an exit, for the line that is written when it has been handled.
 */
#pragma once

#include "abi/bits.h"

#define PROFILE_STACK_MAX 48

struct profile_mark {
	u64 start; /* the machine's TSC */
	u64 tsc;   /* the guest's */
	u64 rip;
	u64 exit_code;
	u8 cpl;
	int event; /* enum transcript_event: what was asked for by the exit; -1: nothing else */
	u64 code;  /* ... and its code */

	/* Of the last #VC or #VE: over when the guest exits as no handler does. */
	u64 cause_rip, cause_rsp;
	bool has_cause;

	/* Callers by frame pointers, the nearest first. */
	unsigned int frame_count;
	u64 frames[PROFILE_STACK_MAX];
	/* What may be a return address of Linux's: how many words from RSP, and which. */
	unsigned int word_count;
	struct {
		u16 at;
		u32 low; /* above it all bits are set */
	} words[PROFILE_STACK_MAX];
};
