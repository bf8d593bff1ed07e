/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long somebody has waited for another processor; kernel/patience.h says what comes of it.
 */
#pragma once

#include "lib/compiler.h"
#include "lib/deadline.h"

/* All zero at first. */
struct patience {
	u64 looks;
	struct deadline deadline;
	bool is_said;
};
