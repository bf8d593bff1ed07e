/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a write of a local APIC's interrupt command register asks for, and of whom.
 * Spec: APM2 16.5 (ICR), 16.6.1 (destinations of the xAPIC); SDM3 11.12.9, 11.12.10 (x2APIC).
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
#define APIC_VECTOR_MIN       16 /* lower ones are illegal: SDM3 11.5.2 */
#define APIC_BROADCAST_X2     0xffffffff
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
 * Whether the machine may deliver it for the guest by itself: an interrupt that the guest's IDT
 * has. INIT, SIPI and NMI are the monitor's to play; SMI, and the mode that is none, nobody's.
 */
static inline bool apic_is_harmless(u32 low)
{
	enum apic_mode mode = APIC_ICR_MODE_OF(low);

	return mode == APIC_MODE_EXTINT || ((mode == APIC_MODE_FIXED || mode == APIC_MODE_LOWEST) &&
					    bits_get(low, 7, 0) >= APIC_VECTOR_MIN);
}

/*
 * The processors that ICR @low with destination @dest (ICR [63:56]) names, as a bitmap by index
 * into @cpus, of which there are @count, at most 64. @self: the index of the one that wrote it.
 */
u64 apic_targets(u32 low, u32 dest, unsigned int self, const struct apic_address *cpus,
		 unsigned int count);

/* The same of an x2APIC, whose @dest is ICR [63:32] and whose logical ids follow from the ids. */
u64 apic_targets_x2(u32 low, u32 dest, unsigned int self, const struct apic_address *cpus,
		    unsigned int count);

/* The logical id of an x2APIC with this id. */
static inline u32 apic_logical_x2(u32 id) { return id >> 4 << 16 | (u32)BIT(id & 0xf); }
