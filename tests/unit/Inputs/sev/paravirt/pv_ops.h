/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the native test of paravirt/visibility.c, in place of the real one: the hooks that it calls,
 * as plain functions.
 */
#pragma once

#include "abi/kvm_para.h"
#include "lib/addr.h"
#include "lib/cpu.h"
#include "lib/errno.h"

struct cpuid_regs pv_cpuid(u32 leaf, u32 subleaf);
int must_check pv_msr_write(u32 msr, u64 value);
s64 kvm_hypercall3(u64 nr, u64 a, u64 b, u64 c);
int must_check pv_page_enc_status_prepare(va_t start, u64 page_count, bool private);
int must_check pv_notify_page_enc_status_changed(va_t start, u64 page_count, bool private);
