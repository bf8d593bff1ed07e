/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encrypted state: VMRUN loads it from the VMSA, an exit stores it there and gives the host what it
 * kept in its save area. Spec: APM2 15.35.7-8 (what is swapped), appendix B, table B-4.
 */
#pragma once

#include "monitor/hardware/nested/nested.h"

/* Once, on each processor that runs L1. */
void nested_vmsa_init(void);

/* The VMSA that VMRUN names becomes L2's state. False: VMRUN refuses it. */
bool nested_vmsa_load(struct nested *n);

/* L2's state goes there, and L1's registers come from its save area. */
void nested_vmsa_store(struct nested *n);
