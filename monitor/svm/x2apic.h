/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The x2APIC, which a TD has to have and TCG has not: its MSRs done on the xAPIC's registers.
 * Its timer counts TDX's crystal of 25 MHz, which is what CPUID leaf 0x15 says.
 * Spec: SDM3 11.12.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/vcpu.h"

static inline bool x2apic_is_msr(u32 msr) { return msr >= 0x800 && msr < 0x900; }

/* Puts the APIC of @v, which runs this, into x2APIC mode. */
void x2apic_init(struct vcpu *v);

/* -E_INVAL: #GP. */
must_check int x2apic_read(struct vcpu *v, u32 msr, u64 *value);
must_check int x2apic_write(struct vcpu *v, u32 msr, u64 value);
