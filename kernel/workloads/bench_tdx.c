/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways out of a TD, by bare requests.
 */
#include "kernel/workloads/bench_tdx.h"

#include "early/tdx.h"
#include "kernel/workloads/bench.h"
#include "paravirt/pv_ops.h"
#include "paravirt/tdx.h"

#define BRACKET(step)                                                                              \
	({                                                                                         \
		u64 bracket_start = rdtsc();                                                       \
                                                                                                   \
		step;                                                                              \
		rdtsc() - bracket_start;                                                           \
	})

u64 bench_tdcall(void)
{
	struct tdx_module_args args = { 0 };

	return BRACKET(tdcall_must(TDG_VP_INFO, &args));
}

u64 bench_tdvmcall(void)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_GET_TD_VM_CALL_INFO };

	u64 status, ticks = BRACKET(status = tdvmcall(&args));

	return status ? BENCH_CANNOT : ticks;
}

u64 bench_tdx_hypercall(void)
{
	s64 result;
	u64 ticks = BRACKET(result = hypercall_by_tdvmcall(KVM_HC_VAPIC_POLL_IRQ, 0, 0, 0, 0));

	return result ? BENCH_CANNOT : ticks;
}

u64 bench_tdx_cpuid_exception(void) { return BRACKET(cpuid_raw(KVM_CPUID_FEATURES, 0)); }

u64 bench_tdx_cpuid_patched(void) { return BRACKET(pv_cpuid(KVM_CPUID_FEATURES, 0)); }

/* Nothing touches the pages meanwhile, so the page tables may go on saying private. */
struct bench_tdx_round bench_tdx_round(pa_t start, u64 page_count)
{
	struct bench_tdx_round round;

	round.to_shared = BRACKET(tdx_map_gpa(start, page_count, false));
	round.to_private = BRACKET(tdx_map_gpa(start, page_count, true));
	round.accept = BRACKET(tdx_accept(start, page_count));
	return round;
}

u64 bench_tdx_accept_2m(pa_t unit)
{
	struct tdx_module_args args = { .rcx = tdx_page_operand(unit.value, TDX_LEVEL_2M) };
	u64 page_count = PAGE_2M_SIZE / PAGE_SIZE, status, ticks;

	tdx_map_gpa(unit, page_count, false);
	tdx_map_gpa(unit, page_count, true);
	ticks = BRACKET(status = tdcall(TDG_MEM_PAGE_ACCEPT, &args));
	if (status == TDX_SUCCESS)
		return ticks;
	tdx_accept(unit, page_count);
	return BENCH_CANNOT;
}
