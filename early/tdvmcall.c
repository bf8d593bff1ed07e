/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wrappers of early/tdcall.h: what must succeed, and requests to the host.
 */
#include "abi/ghcb.h"
#include "early/fatal.h"
#include "early/tdcall.h"
#include "lib/panic.h"

void tdcall_must(u64 leaf, struct tdx_module_args *args)
{
	u64 status = tdcall(leaf, args);

	if (status)
		panic("TDCALL leaf %lu failed: %#lx", leaf, status);
}

noreturn_t tdvmcall_fails(void) { fatal(TERM_RESPONSE, "the TDX module refuses TDG.VP.VMCALL"); }

void tdvmcall_must(struct tdx_module_args *args)
{
	u64 function = args->r11, status = tdvmcall(args);

	if (status)
		fatal(TERM_RESPONSE, "TDVMCALL %#lx refused: %#lx", function, status);
}
