/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LBR virtualisation: VMRUN puts a guest's branch records and DEBUGCTL in the place of L1's, the
 * exit gives both back. Without it there is one set for both. Encrypted state must have it (APM2
 * 15.35.2), and has it here whatever L1 says: its records are in the VMSA.
 * Spec: APM2 15.23. Does not: record.
 */
#pragma once

#include "monitor/hardware/nested/nested.h"

/* Behind the guest's state in our VMCB, of L1's VMCB's VIRT_EXT; before it goes to L1. */
void nested_branches_begin(struct nested *n, u64 virt_ext);
void nested_branches_end(struct nested *n);
