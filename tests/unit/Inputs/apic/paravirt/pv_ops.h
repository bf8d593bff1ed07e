/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for paravirt/pv_ops.h: what kernel/apic.c calls of it is the test's.
 */
#pragma once

#include "lib/addr.h"
#include "lib/cpu.h"

struct cpuid_regs pv_cpuid(u32 leaf, u32 subleaf);
int must_check pv_msr_read(u32 msr, u64 *value);
int must_check pv_msr_write(u32 msr, u64 value);
s64 kvm_hypercall4(u64 nr, u64 a, u64 b, u64 c, u64 d);
void pv_io_out(u16 port, unsigned int size, u32 value);
u64 pv_mmio_read(pa_t address, unsigned int size);
void pv_mmio_write(pa_t address, unsigned int size, u64 value);
