/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a write of a local APIC's interrupt command register asks for, and of whom.
 * Spec: APM2 16.5 (ICR), 16.6.1 (destinations of the xAPIC).
 */
#pragma once

#include "abi/bits.h"

enum apic_mode {
	APIC_MODE_FIXED,
	APIC_MODE_LOWEST,
	APIC_MODE_SMI,
	APIC_MODE_READ,
	APIC_MODE_NMI,
	APIC_MODE_INIT,
	APIC_MODE_STARTUP,
	APIC_MODE_EXTINT,
};

#define APIC_ICR_LOGICAL      BIT(11)
#define APIC_ICR_BUSY         BIT(12)
#define APIC_ICR_ASSERT       BIT(14)
#define APIC_ICR_LEVEL        BIT(15)
#define APIC_BROADCAST        0xff
#define APIC_DFR_RESET        0xffffffff
#define APIC_ICR_MODE(mode)   ((u32)(mode) << 8)
#define APIC_ICR_MODE_OF(low) ((enum apic_mode)bits_get(low, 10, 8))

/* How an APIC is addressed: registers as they are in it. */
struct apic_address {
	u32 id;
	u32 ldr;
	u32 dfr;
};

/* Whether it is the end of a level-triggered INIT, which nothing answers any more. */
static inline bool apic_is_deassert(u32 low)
{
	return low & APIC_ICR_LEVEL && !(low & APIC_ICR_ASSERT);
}

/*
 * The processors that ICR @low with destination @dest (ICR [63:56]) names, as a bitmap by index
 * into @cpus, of which there are @count, at most 64. @self: the index of the one that wrote it.
 */
u64 apic_targets(u32 low, u32 dest, unsigned int self, const struct apic_address *cpus,
		 unsigned int count);
