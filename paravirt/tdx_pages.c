/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MapGPA and ACCEPT, with the bounds of what a host may do with them.
 */
#include "paravirt/tdx.h"

#include "abi/ghcb.h"
#include "early/fatal.h"
#include "early/platform.h"
#include "early/tdx.h"
#include "lib/compiler.h"
#include "paravirt/visibility.h"

/* Answers in a row that bring nothing, before the host is taken for one that only delays. */
#define RETRY_MAX 16
#define BUSY_MAX  1000

/*
 * Both bounds carry the shared bit as the request does. Where it goes on: GHCI 3.2, R11. A status
 * that is the host's refusal, or 0.
 */
static inline __attribute__((always_inline)) u64 map_gpa_part(u64 *gpa, u64 end)
{
	struct tdx_module_args args = { .r11 = TDVMCALL_MAP_GPA, .r12 = *gpa, .r13 = end - *gpa };
	u64 status = tdvmcall(&args), next = args.r11;

	if (status == TDVMCALL_STATUS_SUCCESS) {
		*gpa = end;
		return 0;
	}
	if (status != TDVMCALL_STATUS_RETRY)
		return status;
	if (next < *gpa || next >= end || !is_aligned(next, (u64)PAGE_SIZE))
		fatal(TERM_RESPONSE, "MapGPA of %#lx goes on at %#lx", *gpa, next);
	*gpa = next;
	return 0;
}

/* To @end, or to where it is refused. */
static inline __attribute__((always_inline)) u64 map_gpa(u64 *gpa, u64 end)
{
	unsigned int stalls = 0;

	while (*gpa < end) {
		u64 from = *gpa, status = map_gpa_part(gpa, end);

		if (status)
			return status;
		stalls = *gpa == from ? stalls + 1 : 0;
		if (stalls > RETRY_MAX)
			fatal(TERM_PSC, "MapGPA of %#lx never ends", from);
	}
	return 0;
}

u64 tdx_try_map_gpa(pa_t start, u64 page_count, bool private)
{
	u64 gpa = start.value | (private ? 0 : platform.shared_mask);

	return map_gpa(&gpa, gpa + page_count * PAGE_SIZE);
}

void tdx_map_gpa(pa_t start, u64 page_count, bool private)
{
	u64 gpa = start.value | (private ? 0 : platform.shared_mask);
	u64 end = gpa + page_count * PAGE_SIZE, status = map_gpa(&gpa, end);

	if (status)
		fatal(TERM_PSC, "MapGPA of %#lx to %#lx: %#lx", gpa, end, status);
}

u64 tdx_try_accept(u64 gpa, unsigned int level)
{
	u64 status = 0;

	for (int i = 0; i < BUSY_MAX; i++) {
		struct tdx_module_args args = { .rcx = tdx_page_operand(gpa, level) };

		status = tdcall(TDG_MEM_PAGE_ACCEPT, &args);
		if (tdx_status_code(status) != TDX_OPERAND_BUSY &&
		    tdx_status_code(status) != TDX_OPERAND_BUSY_HOST_PRIORITY)
			return status;
		cpu_relax();
	}
	return status;
}

/* True: accepted; false: the host did not map it in one piece of this size. */
static bool accept_unit(u64 gpa, bool is_large, bool private __unused)
{
	unsigned int level = is_large ? TDX_LEVEL_2M : TDX_LEVEL_4K;
	u64 status = tdx_try_accept(gpa, level);

	if (tdx_status_code(status) == TDX_PAGE_SIZE_MISMATCH && is_large)
		return false;
	if (status)
		fatal(TERM_PVALIDATE, "ACCEPT of %#lx, level %u: %#lx", gpa, level, status);
	return true;
}

void tdx_accept(pa_t start, u64 page_count)
{
	static struct unit_patience patience;

	page_units_each(start.value, page_count, true, accept_unit, &patience);
}
