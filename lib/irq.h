/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts off, and on again. Whoever enables them asks for those that a host could not deliver
 * while they were off: irq_after_enable, which only a guest with restricted injection sets.
 */
#pragma once

#include "lib/cpu.h"

extern void (*irq_after_enable)(void);

/* Whoever restores flags has registers to keep, and seldom comes here. */
void irq_enable(void) __attribute__((preserve_most));

static inline u64 irq_save(void)
{
	u64 flags = read_flags();

	cli();
	return flags;
}

static inline void irq_restore(u64 flags)
{
	if (flags & RFLAGS_IF)
		irq_enable();
}
