/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the RMP allows L2 to do with a page that L1's nested tables gave it.
 * Spec: APM2 15.36.10, table 15-39; 15.25.6 (bits of the fault).
 */
#pragma once

#include "monitor/hardware/nested/l1_npt.h"
#include "monitor/hardware/nested/nested.h"

struct rmp_allowed {
	bool write;
	bool execute;
	bool large; /* a mapping of 2M */
};

/* The access of f->info to f->gpa. False: why not is in @f. */
bool rmp_check(struct nested *n, const struct l1_npt_leaf *leaf, struct nested_fault *f,
	       struct rmp_allowed *allowed);
