/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state in which every processor of a TD starts, all at once, at the reset vector.
 * Spec: TDX-ABI (initial state of a vCPU), TDH.VP.INIT; TDVF 3.1 (what firmware finds).
 */
#pragma once

#include "abi/tdx.h"
#include "abi/vmcb.h"

#define TDX_RESET_VECTOR 0xfffffff0

/*
 * 32-bit protected mode, flat, paging off, LME and NXE on: RBX = @gpaw, RCX = R8 = @hob, which the
 * host chose, RDX = @fms (CPUID 1 EAX), RSI = @index.
 */
void tdx_launch_vmsa(struct vmsa *vmsa, unsigned int gpaw, u32 fms, u32 index, u64 hob);
