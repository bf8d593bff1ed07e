/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host's RMP instructions, which no assembler of Debian 12's knows. Spec: APM3.
 */
#pragma once

#include "abi/bits.h"

/* RMPUPDATE's operand */
struct rmp_state {
	u64 gpa;
	u8 assigned, large, immutable, reserved;
	u32 asid;
};

static inline u32 rmpupdate(u64 pa, struct rmp_state state)
{
	u64 rax = pa;

	__asm__ volatile(".byte 0xf2, 0x0f, 0x01, 0xfe" : "+a"(rax) : "c"(&state) : "memory", "cc");
	return (u32)rax;
}

static inline u32 psmash(u64 pa)
{
	u64 rax = pa;

	__asm__ volatile(".byte 0xf3, 0x0f, 0x01, 0xff" : "+a"(rax)::"memory", "cc");
	return (u32)rax;
}
