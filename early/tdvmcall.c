/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wrappers of early/tdcall.h: what must succeed, and requests to the host.
 */
#include "abi/ghcb.h"
#include "early/tdcall.h"
#include "early/tdx.h"
#include "lib/panic.h"

void tdcall_must(u64 leaf, struct tdx_module_args *args)
{
	u64 status = tdcall(leaf, args);

	if (status)
		panic("TDCALL leaf %lu failed: %#lx", leaf, status);
}

noreturn_t tdx_stop(void)
{
	cli();
	for (;;)
		cpu_relax();
}

u64 tdvmcall_wide(struct tdx_module_args *args)
{
	args->rcx = TDVMCALL_EXPOSE_REGS_MASK;
	if (tdcall(TDG_VP_VMCALL, args))
		tdx_stop();
	return args->r10;
}

void tdvmcall_must(struct tdx_module_args *args)
{
	u64 function = args->r11, status = tdvmcall(args);

	if (status)
		tdx_fatal(GHCB_TERM_RESPONSE, "TDVMCALL %#lx refused: %#lx", function, status);
}
