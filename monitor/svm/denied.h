/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages that a hostile host took from the guest: where the guest then meets what its platform's
 * rules forbid, it is the host that did so, and the run ends as host-denied. A page that the guest
 * itself changes the state of again is its own once more.
 */
#pragma once

#include "monitor/svm/violation.h"

/* How many pages are remembered; of more the first ones are forgotten. */
#define DENIED_MAX 16

/* @astray: its state is as it was, but nested paging leads to another page than the guest's. */
void denied_note(u64 gpa, bool astray);
/* The guest changes the states of [gpa, gpa + size). */
void denied_forget(u64 gpa, u64 size);
/* Whether the page at @gpa is one; whether it is astray. */
bool denied_has(u64 gpa);
bool denied_is_astray(u64 gpa);

/* @violation, or whose it is, where it was met at @gpa. */
static inline enum violation denied_or(enum violation violation, u64 gpa)
{
	return denied_has(gpa) ? VIOLATION_HOST_DENIED : violation;
}
