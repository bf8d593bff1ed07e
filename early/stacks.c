/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of the stacks.
 */
#include "early/stacks.h"
#include "lib/compiler.h"

__attribute__((section(".stacks"))) __aligned_page struct stack stacks[STACK_COUNT];

bool stack_contains(u64 address, u64 size)
{
	for (unsigned int i = 0; i < STACK_COUNT; i++) {
		u64 bottom = (u64)(uintptr_t)stacks[i].bytes;

		if (address >= bottom && size <= STACK_SIZE &&
		    address - bottom <= STACK_SIZE - size)
			return true;
	}
	return false;
}
