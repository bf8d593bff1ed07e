/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every stack of the boot processor, each above a guard page that mm unmaps. C and assembly.
 */
#pragma once

#include "abi/bits.h"

#define STACK_SIZE 0x10000

#define STACK_BOOT  0 /* also the workload's */
#define STACK_DF    1
#define STACK_NMI   2
#define STACK_VC    3
#define STACK_COUNT 4

#define STACK_BOOT_TOP (stacks + PAGE_SIZE + STACK_SIZE)

#ifndef __ASSEMBLER__
struct stack {
	u8 guard[PAGE_SIZE];
	u8 bytes[STACK_SIZE];
};
ABI_SIZE(struct stack, PAGE_SIZE + STACK_SIZE);

extern struct stack stacks[STACK_COUNT];

static inline u64 stack_top(unsigned int index)
{
	return (u64)(uintptr_t)stacks[index].bytes + STACK_SIZE;
}

/* Whether [address, address + size) lies inside one stack, and not in a guard. */
bool stack_contains(u64 address, u64 size);
#endif
