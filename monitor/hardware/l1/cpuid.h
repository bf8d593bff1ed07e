/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPUID of the processor that an SNP host runs on: QEMU's, with SVM's and SEV's features as
 * played. Pure. Spec: APM3 appendix E.4.7 (8000_0008), E.4.9 (8000_000A), E.4.17 (8000_001F).
 */
#pragma once

#include "monitor/hardware/cpuid.h"

/* Guests that can be encrypted at a time, and from which ASID on they may be plain SEV ones. */
#define L1_ASID_COUNT   509
#define L1_MIN_SEV_ASID 100
/* All ASIDs, 0 included */
#define L1_ASID_END 32768

struct l1_cpuid {
	unsigned int cbit;
	u64 cr4; /* of the asking processor */
	u32 asid_count, sev_asid_first;
};

/* What @raw, the answer of QEMU's processor to @leaf, becomes. */
struct cpuid_values l1_cpuid_get(const struct l1_cpuid *state, u32 leaf, struct cpuid_values raw);
