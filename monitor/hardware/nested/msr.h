/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MSRs of L2: L1's permission map says which exit. Spec: APM2 15.11, 15.34.10.
 */
#pragma once

#include "monitor/hardware/nested/nested.h"

u8 *nested_msrpm_new(void);
/* What L1's map leaves open, and a processor keeps for L2 by itself. */
void nested_msrpm_merge(struct nested *n);

/* An RDMSR or WRMSR exit; true: it is L1's. */
bool nested_msr(struct nested *n);
