/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of cpuid.h share: the ends of both ranges, and extended state.
 * Spec: APM3 E.3, E.4.
 */
#pragma once

#include "monitor/hardware/cpuid.h"

#define LEAF_BASIC_END 0x00000020
#define LEAF_EXT_END   (CPUID_EXT_MAX + 0x30)

#define XSTATE_XSAVEC BIT(1) /* of sub-leaf 1 */
#define XSTATE_END    63     /* of sub-leaves */

/* Sub-leaf @subleaf of CPUID_XSTATE. */
struct cpuid_values cpuid_xstate(const struct cpuid_model *model, const struct cpuid_cpu *cpu,
				 u32 subleaf);
