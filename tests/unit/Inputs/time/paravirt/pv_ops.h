/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for paravirt/pv_ops.h: what kernel/time.c calls of it is the test's.
 */
#pragma once

#include "lib/cpu.h"
#include "lib/errno.h"

struct cpuid_regs pv_cpuid(u32 leaf, u32 subleaf);
u32 pv_io_in(u16 port, unsigned int size);
void pv_io_out(u16 port, unsigned int size, u32 value);
