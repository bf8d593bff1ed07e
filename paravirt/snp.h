/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the SNP platform its set-up shares with its hooks.
 */
#pragma once

#include "lib/cpu.h"

/* CPUID from the launch's page on this processor; terminates when the host's part is not had. */
void snp_cpuid_now(u32 leaf, u32 subleaf, struct cpuid_regs *regs);

/* Hook early_setup: everything that must be true before the first GHCB, in its order. */
void snp_early_setup(void);
