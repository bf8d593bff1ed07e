/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which values registers take, where QEMU's processor is no judge.
 * Spec: APM2 7.7 (MTRRs); as KVM does it, against which tests/kvm/compare.c holds it.
 */
#pragma once

#include "abi/bits.h"

/*
 * An MSR that the host keeps for the guest, of a processor with so many address bits. May leave
 * out bits that are ignored; false: #GP.
 */
bool msr_value_take(u32 msr, unsigned int address_bits, u64 *value);

/* A register of machine check; @open: MCi_STATUS can be written, by HWCR.McStatusWrEn. APM2 9.3 */
bool msr_value_machine_check(u32 msr, bool open, u64 value);

/* The same of one that the processor keeps: of SYSCALL, SYSENTER, segments' bases, PAT. */
bool msr_value_keep(u32 msr, bool is_intel, u64 *value);

/* XCR0, where CPUID leaf 0xD shows @supported: APM2 11.5.2, SDM1 13.3 */
bool xcr0_is_legal(u64 xcr0, u64 supported);
