/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMRUN by L1.
 */
#pragma once

#include "monitor/hardware/nested/nested.h"

/* Takes memory, for a machine of @page_count pages. */
void nested_init(u64 page_count);

/* L1 is at a VMRUN; returns behind its exit, or with an exception for L1. */
void nested_vmrun(struct vcpu *l1);
