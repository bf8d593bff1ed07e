/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which values an MSR takes that the host keeps for the guest, where QEMU's processor is no judge.
 * Spec: APM2 7.7 (MTRRs); as KVM does it, against which tests/kvm/compare.c holds it.
 */
#pragma once

#include "abi/bits.h"

/* Of a processor with so many address bits. May leave out bits that are ignored; false: #GP. */
bool msr_value_take(u32 msr, unsigned int address_bits, u64 *value);
