/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the RMP allows L2 to do with a page that L1's nested tables gave it.
 * Spec: APM2 15.36.10, table 15-39; 15.25.6 (bits of the fault).
 */
#pragma once

#include "monitor/hardware/nested/l1_npt.h"
#include "monitor/hardware/nested/nested.h"
#include "monitor/hardware/rmp_rules.h"

struct rmp_allowed {
	bool write;
	bool execute;
	bool large; /* a mapping of 2M */
};

/* The access of f->info to f->gpa. False: why not is in @f. */
bool rmp_check(struct nested *n, const struct l1_npt_leaf *leaf, struct nested_fault *f,
	       struct rmp_allowed *allowed);

/* The same of an instruction that acts on the page at @gpa: n->fault, unless @fault is none. */
enum rmp_fault nested_rmp_fault(struct nested *n, u64 gpa, enum rmp_fault fault);
