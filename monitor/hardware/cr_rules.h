/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which values of CR0 and CR4 a processor takes, in the state that it is in; else #GP.
 * Spec: APM2 3.1.1, 3.1.3, 5.5.1 (PCID), 14.6 (entering long mode); SDM3 4.10.1 says the same.
 */
#pragma once

#include "abi/vmcb.h"

bool cr0_is_legal(const struct vmsa *s, u64 cr0);
/* @offered: bits that its CPUID shows. */
bool cr4_is_legal(const struct vmsa *s, u64 cr4, u64 offered);
