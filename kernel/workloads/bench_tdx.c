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

/* 0, or what the module says of one of them. */
static u64 accept_4k(pa_t start, u64 page_count)
{
	u64 status = 0;

	for (u64 i = 0; i < page_count && !status; i++)
		status = tdx_try_accept(start.value + i * PAGE_SIZE, TDX_LEVEL_4K);
	return status;
}

/* Nothing touches the pages meanwhile, so the page tables may go on saying private. */
bool bench_tdx_round(pa_t start, u64 page_count, struct bench_tdx_round *round)
{
	u64 error;

	round->to_shared = BRACKET(error = tdx_try_map_gpa(start, page_count, false));
	if (!error)
		round->to_private = BRACKET(error = tdx_try_map_gpa(start, page_count, true));
	if (!error)
		round->accept = BRACKET(error = accept_4k(start, page_count));
	return !error;
}

u64 bench_tdx_accept_2m(pa_t unit)
{
	u64 page_count = PAGE_2M_SIZE / PAGE_SIZE, ticks;
	u64 error = tdx_try_map_gpa(unit, page_count, false);

	if (!error)
		error = tdx_try_map_gpa(unit, page_count, true);
	if (!error)
		ticks = BRACKET(error = tdx_try_accept(unit.value, TDX_LEVEL_2M));
	return error ? BENCH_CANNOT : ticks;
}
