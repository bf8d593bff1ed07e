/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ways to start a guest share: which of its memory is there at launch, and lines.
 */
#pragma once

#include "lib/errno.h"
#include "model/source.h"
#include "monitor/svm/hardware_ops.h"

/* -E_INVAL, after the line that says @why. */
must_check int start_refuse(const char *why);

/* A line where Linux's command line, at most @max bytes, leaves no room for `panic=-1`. */
void start_tell_left_out(const char *cmdline, u32 max);

/*
 * RAM becomes the guest's as @ram says, and firmware's tables readable. -E_RANGE: no such memory.
 */
must_check int start_assign_memory(enum launch_memory ram);

/* [gpa, gpa + size) is part of the launch, with the contents it has now. */
must_check int start_measure(u64 gpa, u64 size);

/* The same of @size bytes of @file at @offset, which are put there. */
must_check int start_put(const struct source *file, u64 offset, u64 gpa, u64 size);
