/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processors, and the boot processor's stacks. Others get theirs from kernel/smp.c.
 */
#include "early/percpu.h"

#include "lib/compiler.h"

__attribute__((section(".stacks"))) __aligned_page struct stack stacks[STACK_COUNT];

struct percpu percpus[CPU_MAX] = { { .stacks = stacks } };

static bool contains(const struct stack *stack, u64 address, u64 size)
{
	u64 bottom = (u64)(uintptr_t)stack->bytes;

	return address >= bottom && size <= STACK_SIZE && address - bottom <= STACK_SIZE - size;
}

bool stack_contains(u64 address, u64 size)
{
	for (unsigned int i = 0; i < CPU_MAX * STACK_COUNT; i++) {
		const struct stack *of = percpus[i / STACK_COUNT].stacks;

		if (of && contains(&of[i % STACK_COUNT], address, size))
			return true;
	}
	return false;
}
