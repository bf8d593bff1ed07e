/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VMSA's part of x87, SSE and AVX. Nothing of a guest's is left in these registers for its
 * host: they are as after FNINIT then. Spec: APM2 table B-4, 11.5.2 (XSAVE area).
 */
#pragma once

#include "abi/vmcb.h"

/* Whether the processor takes this XCR0. One in memory may change behind the question. */
bool x87_is_legal(u64 xcr0);
/* @xcr0: the VMSA's, a legal one. */
void x87_load(const struct vmsa *vmsa, u64 xcr0);
/* @xcr0: the host's. One that is not legal is not loaded: the guest's stays. */
void x87_store(struct vmsa *vmsa, u64 xcr0);
