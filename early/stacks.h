/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stacks of a processor, each above a guard page that mm unmaps. C and assembly.
 */
#pragma once

#include "abi/bits.h"

#define STACK_SIZE 0x10000

#define STACK_BOOT  0 /* of a workload too, and of a processor with nothing to do */
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

/* The boot processor's. */
extern struct stack stacks[STACK_COUNT];
#endif
