/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMRUN by L1.
 */
#pragma once

#include "monitor/hardware/nested/nested.h"

/* Before the first. */
void nested_init(void);

/* L1 is at a VMRUN; returns behind its exit, or with an exception for L1. */
void nested_vmrun(struct vcpu *l1);
