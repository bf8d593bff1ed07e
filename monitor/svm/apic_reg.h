/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registers of a local APIC: which there are, and what may be written to them.
 * Spec: SDM3 11.4.1 (xAPIC), 11.12.1 (x2APIC: what is not allowed is #GP), 11.5.1 (LVT).
 */
#pragma once

#include "abi/bits.h"

/* An xAPIC's registers lie 16 bytes apart, and have 4: any other access is undefined. */
static inline bool apic_is_access(u64 offset, unsigned int size)
{
	return size == sizeof(u32) && offset % 16 == 0;
}

/*
 * What entry @offset of the local vector table becomes when @value is written to it. Fixed and
 * ExtINT interrupts and, where a pin or a counter raises it, NMI are the guest's to ask for; any
 * other mode (SMI) and vectors that are none leave the entry masked.
 */
u32 apic_lvt(u32 offset, u32 value);

/* The divide configuration has three bits, 0, 1 and 3: 0 divides by 2 ... 6 by 128, 7 by 1. */
static inline unsigned int apic_divide_log(u32 tdcr)
{
	return (((tdcr & 3) | (tdcr & 8) >> 1) + 1) % 8;
}

/* Whether an x2APIC has the register, for RDMSR, and for WRMSR of this value. */
bool x2apic_is_readable(u32 offset);
bool x2apic_is_writable(u32 offset, u64 value);
