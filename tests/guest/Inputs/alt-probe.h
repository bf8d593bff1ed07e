/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One hypercall site, executed before the early pass and after it.
 */
#pragma once

#include "abi/kvm_para.h"
#include "alternatives/alt.h"
#include "paravirt/pv_ops.h"

extern u8 alt_probe_bytes_before[8];
extern s64 alt_probe_result_before;

__attribute__((noinline)) s64 alt_probe(void);
/* Fills the two above, the first time. */
void alt_probe_once(void);

/* The site inside alt_probe: the record that lies in its first bytes. */
static inline u64 alt_probe_site(void)
{
	extern const struct alt_site __alt_sites_start[], __alt_sites_end[];

	for (const struct alt_site *s = __alt_sites_start; s < __alt_sites_end; s++) {
		u64 insn = (u64)(uintptr_t)&s->insn + (u64)(s64)s->insn;

		if (insn - (u64)(uintptr_t)alt_probe < 64)
			return insn;
	}
	return 0;
}
