/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls of the TDX module: TDCALL from a TD, SEAMCALL from a host, and TDVMCALL, the TDCALL that
 * goes on to the host. C and assembly; the register table is in tdcall.S.
 * Spec: TDX-ABI 5.3, 5.5; GHCI 2.4.1 (TDG.VP.VMCALL), 3 (sub-functions).
 * General-purpose registers only: vector state is as before, also what the module calls meanwhile.
 */
#pragma once

#include "abi/bits.h"
#include "abi/tdx.h"

/* struct tdx_module_args */
#define TDX_ARGS_RCX  0x00
#define TDX_ARGS_RDX  0x08
#define TDX_ARGS_R8   0x10
#define TDX_ARGS_R9   0x18
#define TDX_ARGS_R10  0x20
#define TDX_ARGS_R11  0x28
#define TDX_ARGS_R12  0x30
#define TDX_ARGS_R13  0x38
#define TDX_ARGS_R14  0x40
#define TDX_ARGS_R15  0x48
#define TDX_ARGS_RBX  0x50
#define TDX_ARGS_RDI  0x58
#define TDX_ARGS_RSI  0x60
#define TDX_ARGS_SIZE 0x68

#ifndef __ASSEMBLER__
#include "early/fatal.h"
#include "lib/compiler.h"
#include "lib/errno.h"

/* Every register in and out, but RAX (leaf and status), RSP and RBP. */
struct tdx_module_args {
	u64 rcx, rdx, r8, r9;
	u64 r10, r11, r12, r13, r14, r15;
	u64 rbx, rdi, rsi;
};
ABI_SIZE(struct tdx_module_args, TDX_ARGS_SIZE);
ABI_OFFSET(struct tdx_module_args, rdx, TDX_ARGS_RDX);
ABI_OFFSET(struct tdx_module_args, r8, TDX_ARGS_R8);
ABI_OFFSET(struct tdx_module_args, r9, TDX_ARGS_R9);
ABI_OFFSET(struct tdx_module_args, r10, TDX_ARGS_R10);
ABI_OFFSET(struct tdx_module_args, r15, TDX_ARGS_R15);
ABI_OFFSET(struct tdx_module_args, rbx, TDX_ARGS_RBX);
ABI_OFFSET(struct tdx_module_args, rdi, TDX_ARGS_RDI);
ABI_OFFSET(struct tdx_module_args, rsi, TDX_ARGS_RSI);

/*
 * RAX as the module left it, or TDX_SW_ERROR | vector, and then *args unchanged. Needs an IDT whose
 * handler knows the fixup table; *args must be memory that is mapped and accepted.
 */
u64 must_check tdcall(u64 leaf, struct tdx_module_args *args);
u64 must_check seamcall(u64 leaf, struct tdx_module_args *args);

/* Where only our bug could make the module refuse: panics unless the status is 0. */
void tdcall_must(u64 leaf, struct tdx_module_args *args);

/* Ends a guest that has no way to its host, though there is a module. */
noreturn_t tdvmcall_fails(void);

#define TDVMCALL_NARROW_MASK                                                                       \
	(TDVMCALL_REG_R10 | TDVMCALL_REG_R11 | TDVMCALL_REG_R12 | TDVMCALL_REG_R13 |               \
	 TDVMCALL_REG_R14 | TDVMCALL_REG_R15)

/*
 * A request to the host: the caller sets R11, the sub-function, and arguments in R12 to R15, or a
 * number of the hypervisor's own in R10; the answers are in R11 to R15, which is all that the host
 * sees. Returns R10. Ends the guest when the module itself refuses.
 */
static inline must_check u64 tdvmcall(struct tdx_module_args *args)
{
	fatal_give_way();
	args->rcx = TDVMCALL_NARROW_MASK;
	if (tdcall(TDG_VP_VMCALL, args))
		tdvmcall_fails();
	return args->r10;
}

/* For what no host may refuse: reports a fatal error unless R10 is 0. */
void tdvmcall_must(struct tdx_module_args *args);
#endif
