/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways to make KVM's hypercall, all with its own register convention (RAX = number, RBX RCX RDX
 * RSI = arguments, RAX = result, every other register kept): values of the hook `hypercall`, not
 * to be called from C.
 */
#pragma once

#include "abi/bits.h"

void hypercall_early(void);    /* asks which platform this is, every time */
void hypercall_none(void);     /* -KVM_ENOSYS */
void hypercall_vmmcall(void);  /* AMD's instruction */
void hypercall_vmcall(void);   /* Intel's instruction */
void hypercall_ghcb(void);     /* VMMCALL's exit through the GHCB */
void hypercall_tdvmcall(void); /* R10 = number */

/* What the assembly calls. */
void (*hypercall_select(void))(void);
s64 hypercall_by_ghcb(u64 nr, u64 a, u64 b, u64 c, u64 d);
s64 hypercall_by_tdvmcall(u64 nr, u64 a, u64 b, u64 c, u64 d);
