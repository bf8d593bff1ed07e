/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each processor has of its own, found through its GS base. There is one privilege level, so
 * GS never changes hands and no entry needs SWAPGS. C and assembly.
 */
#pragma once

#include "abi/bits.h"

#define CPU_MAX 8

#define PERCPU_INDEX    0x0
#define PERCPU_STILL    0x4
#define PERCPU_DOORBELL 0x18

#ifndef __ASSEMBLER__
#include "early/stacks.h"
#include "lib/cpu.h"

struct percpu {
	u32 index;                         /* 0: the boot processor */
	u32 is_still;                      /* text changes: see trap_set_still() */
	u32 apic_id;                       /* as the host told it */
	struct stack *stacks;              /* STACK_COUNT of them; NULL: none yet */
	struct hv_doorbell_page *doorbell; /* NULL: none, and #HV is nothing that may come */
};
ABI_OFFSET(struct percpu, index, PERCPU_INDEX);
ABI_OFFSET(struct percpu, is_still, PERCPU_STILL);
ABI_OFFSET(struct percpu, doorbell, PERCPU_DOORBELL);

extern struct percpu percpus[CPU_MAX];

/* Makes this processor number @index. On the boot processor the first thing in C. */
static inline void percpu_load(unsigned int index)
{
	wrmsr(MSR_GS_BASE, (u64)(uintptr_t)&percpus[index]);
}

/* The number of the processor that this runs on. */
static inline unsigned int cpu_index(void) { return read_gs32(PERCPU_INDEX); }

static inline u64 stack_top(unsigned int cpu, unsigned int stack)
{
	return (u64)(uintptr_t)percpus[cpu].stacks[stack].bytes + STACK_SIZE;
}

/* Whether [address, address + size) lies inside one stack of any processor, and not in a guard. */
bool stack_contains(u64 address, u64 size);
#endif
