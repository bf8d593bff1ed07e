/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See rmp_check.h.
 */
#include "monitor/hardware/nested/rmp_check.h"

bool rmp_check(struct nested *n, const struct l1_npt_leaf *leaf, struct nested_fault *f,
	       struct rmp_allowed *allowed)
{
	(void)n, (void)leaf, (void)f;
	*allowed = (struct rmp_allowed){ true, true, n->mode == NESTED_PLAIN };
	return true;
}
