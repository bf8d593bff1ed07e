/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VMSA's part of x87, SSE and AVX. Nothing of a guest's is left in these registers for its
 * host: they are as after FNINIT then. Spec: APM2 table B-4, 11.5.2 (XSAVE area).
 */
#pragma once

#include "abi/vmcb.h"

/* Whether its XCR0 is one that the processor takes. */
bool x87_is_legal(const struct vmsa *vmsa);
void x87_load(const struct vmsa *vmsa);
/* @xcr0: the host's. */
void x87_store(struct vmsa *vmsa, u64 xcr0);
