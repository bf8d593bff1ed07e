/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The x2APIC, which a TD has to have and TCG has not: its MSRs done on the xAPIC's registers.
 * Its timer counts TDX's crystal of 25 MHz, which is what CPUID leaf 0x15 says.
 * Spec: SDM3 11.12.1 (register mapping), APM2 16.9.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

/* Ids whose logical one the xAPIC's flat model has a bit for. */
#define X2APIC_CPU_MAX 8

static inline bool x2apic_is_msr(u32 msr) { return msr >= 0x800 && msr < 0x900; }

/* Logical ids as x2APIC derives them, for the xAPIC of @v, which runs this. */
void x2apic_init(struct vcpu *v);

/* -E_INVAL: #GP. */
must_check int x2apic_access(struct vcpu *v, struct msr_access *access);
