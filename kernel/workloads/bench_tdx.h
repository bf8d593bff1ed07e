/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The samples of rows that only a TD has; for bench_rows.c, whose pages they use. Each leaves the
 * pages private and accepted, as it found them.
 */
#pragma once

#include "lib/addr.h"

u64 bench_tdcall(void);   /* the module answers */
u64 bench_tdvmcall(void); /* the host answers, and does nothing */
u64 bench_tdx_hypercall(void);
u64 bench_tdx_cpuid_exception(void);
u64 bench_tdx_cpuid_patched(void);

/* The three steps of @page_count pages to shared and back. */
struct bench_tdx_round {
	u64 to_shared;
	u64 to_private;
	u64 accept;
};
struct bench_tdx_round bench_tdx_round(pa_t start, u64 page_count);

/* ACCEPT of the 2M at @unit by one call, or BENCH_CANNOT, as long as KVM adds pages by 4K. */
u64 bench_tdx_accept_2m(pa_t unit);
