/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The samples of rows that only a TD has; for bench_rows.c, whose pages they use. Each leaves the
 * pages private and accepted, as it found them, or in no state that is known, where it fails.
 */
#pragma once

#include "lib/addr.h"
#include "lib/errno.h"

u64 bench_tdcall(void);   /* the module answers */
u64 bench_tdvmcall(void); /* the host answers, and does nothing */
u64 bench_tdx_hypercall(void);
u64 bench_tdx_cpuid_exception(void);
u64 bench_tdx_cpuid_patched(void);

/* The three steps of @page_count pages to shared and back; false: host or module refuses one. */
struct bench_tdx_round {
	u64 to_shared;
	u64 to_private;
	u64 accept;
};
bool must_check bench_tdx_round(pa_t start, u64 page_count, struct bench_tdx_round *round);

/* ACCEPT of the 2M at @unit by one call; BENCH_CANNOT: refused, as while KVM adds pages by 4K. */
u64 bench_tdx_accept_2m(pa_t unit);
