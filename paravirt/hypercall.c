/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C halves of hypercall.S.
 */
#include "paravirt/hypercall.h"

#include "early/ghcb_msr.h"
#include "early/platform.h"
#include "early/tdcall.h"
#include "paravirt/ghcb.h"
#include "paravirt/pv_ops.h"

void (*hypercall_select(void))(void)
{
	const struct pv_ops *ops;

	if (!platform.name)
		platform_detect();
	ops = pv_platform_table();
	return ops && ops->hypercall ? ops->hypercall : hypercall_none;
}

/*
 * GHCB 4.1: VMMCALL. Without a GHCB there is no way: the MSR protocol carries no arguments, and
 * the instruction itself would be a #VC. Whoever calls so early cannot go on without the answer.
 */
s64 hypercall_by_ghcb(u64 nr, u64 a, u64 b, u64 c, u64 d)
{
	const u64 args[4] = { a, b, c, d };
	struct host_exception exception;
	u64 result;

	if (!ghcb_is_ready())
		ghcb_terminate(GHCB_TERM_EARLY_CALL);
	if (ghcb_vmmcall(nr, args, &result, &exception))
		return -KVM_ENOSYS;
	return (s64)result;
}

/* R10 = 0 would be another protocol: KVM's number 0 cannot be said. */
s64 hypercall_by_tdvmcall(u64 nr, u64 a, u64 b, u64 c, u64 d)
{
	struct tdx_module_args args = { .r10 = nr, .r11 = a, .r12 = b, .r13 = c, .r14 = d };

	if (nr == TDVMCALL_STANDARD)
		return -KVM_ENOSYS;
	return (s64)tdvmcall(&args);
}
