/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaves for what a TD here does not have, nested VMs and service TDs: each with the operand that
 * the module names where there are none.
 * Spec: TDX-ABI 5.5 (TDG.VP.ENTER, INVEPT, INVVPID, TDG.SERVTD.RD and WR). Does not: tell the host
 * of a binding handle that could name another TD, as the module does.
 */
#include "lib/compiler.h"
#include "monitor/hardware/tdx_td.h"

#define ENTER_STATE_ALIGNMENT 256
#define INVALID(reg)          (TDX_OPERAND_INVALID | TDX_OPERAND_##reg)

static u64 vp_enter(const struct tdx_call *call)
{
	u64 gpa = call->gpr[TDX_RDX];

	if (!is_aligned(gpa, ENTER_STATE_ALIGNMENT) || gpa & tdx_shared_mask(call->td) ||
	    !tdx_gpa_valid(call->td, gpa, ENTER_STATE_ALIGNMENT))
		return INVALID(RDX);
	return INVALID(RCX); /* whatever VM it is */
}

u64 tdx_absent(struct tdx_call *call, unsigned int leaf)
{
	switch (leaf) {
	case TDG_VP_ENTER: return vp_enter(call);
	case TDG_VP_INVEPT: return call->gpr[TDX_RCX] ? INVALID(RCX) : TDX_SUCCESS;
	case TDG_SERVTD_RD: call->gpr[TDX_RDX] = TDX_FIELD_NA; __attribute__((fallthrough));
	case TDG_SERVTD_WR: call->gpr[TDX_R8] = 0; return INVALID(RCX);
	default: return INVALID(RCX);
	}
}
