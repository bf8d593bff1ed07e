/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ways to start a guest share: which of its memory is there at launch, and a refusal.
 */
#pragma once

#include "lib/errno.h"
#include "model/source.h"
#include "monitor/svm/hardware_ops.h"

/* -E_INVAL, after the line that says @why. */
must_check int start_refuse(const char *why);

/*
 * RAM becomes the guest's as @ram says, and firmware's tables readable. -E_RANGE: no such memory.
 */
must_check int start_assign_memory(enum launch_memory ram);

/* [gpa, gpa + size) is part of the launch, with the contents it has now. */
must_check int start_measure(u64 gpa, u64 size);

/* The same of @size bytes of @file at @offset, which are put there. */
must_check int start_put(const struct source *file, u64 offset, u64 gpa, u64 size);
