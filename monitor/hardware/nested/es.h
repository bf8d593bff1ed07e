/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exits of an L2 whose state is encrypted: a few are its host's (automatic exits), all others that
 * L1 asked for are #VC for L2. Spec: APM2 15.35.4-6, table 15-34.
 */
#pragma once

#include "monitor/hardware/nested/nested.h"

/* Intercepts beside L1's. */
void nested_es_intercept(struct nested *n);

/* True: it is L1's, and our VMCB says which. */
bool nested_es_exit(struct nested *n, u64 code);
