/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's own local APIC: the one of the processor that executes this. Spec: APM2 16.3.
 */
#pragma once

#include "abi/x86.h"

static inline u32 lapic_read(u32 offset)
{
	return *(volatile u32 *)(APIC_BASE_DEFAULT + (u64)offset);
}

static inline void lapic_write(u32 offset, u32 value)
{
	*(volatile u32 *)(APIC_BASE_DEFAULT + (u64)offset) = value;
}
