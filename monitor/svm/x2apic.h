/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The x2APIC, which a TD has to have and TCG has not: its MSRs done on the xAPIC's registers.
 * Spec: SDM3 11.12.1 (register mapping), APM2 16.9.
 */
#pragma once

#include "lib/errno.h"
#include "monitor/svm/msr.h"

static inline bool x2apic_is_msr(u32 msr) { return msr >= 0x800 && msr < 0x900; }

/* Logical ids as x2APIC derives them, for the xAPIC of processor @apic_id, which runs this. */
void x2apic_init(u32 apic_id);

/* -E_INVAL: #GP. */
must_check int x2apic_access(u32 apic_id, struct msr_access *access);
