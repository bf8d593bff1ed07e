/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wrappers of early/tdcall.h: what must succeed, and requests to the host.
 */
#include "abi/ghcb.h"
#include "early/tdcall.h"
#include "early/tdx.h"
#include "lib/panic.h"

#define TDVMCALL_NARROW_MASK                                                                       \
	(TDVMCALL_REG_R10 | TDVMCALL_REG_R11 | TDVMCALL_REG_R12 | TDVMCALL_REG_R13 |               \
	 TDVMCALL_REG_R14 | TDVMCALL_REG_R15)

void tdcall_must(u64 leaf, struct tdx_module_args *args)
{
	u64 status = tdcall(leaf, args);

	if (status)
		panic("TDCALL leaf %lu failed: %#lx", leaf, status);
}

static u64 call(u64 mask, struct tdx_module_args *args)
{
	args->rcx = mask;
	if (tdcall(TDG_VP_VMCALL, args))
		tdx_stop();
	return args->r10;
}

u64 tdvmcall(struct tdx_module_args *args) { return call(TDVMCALL_NARROW_MASK, args); }

u64 tdvmcall_wide(struct tdx_module_args *args) { return call(TDVMCALL_EXPOSE_REGS_MASK, args); }

void tdvmcall_must(struct tdx_module_args *args)
{
	u64 function = args->r11, status = tdvmcall(args);

	if (status)
		tdx_fatal(GHCB_TERM_RESPONSE, "TDVMCALL %#lx refused: %#lx", function, status);
}
