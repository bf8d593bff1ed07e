/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLB shootdown: who changes a page table holds its lock and waits until all others have flushed.
 * So nobody may wait for long with interrupts off, or for a lock, without serving the flush; locks
 * serve it.
 */
#pragma once

#include "abi/bits.h"

#define VEC_SHOOTDOWN 0xf2

/* Before there is another processor: page tables and locks know of it from here on. */
void shootdown_init(void);

/* @cpu caches translations from now on. By the boot processor, while @cpu is parked and polls. */
void shootdown_add(unsigned int cpu);

/* This processor takes interrupts from now on, and need not poll to be asked. */
void shootdown_wake(void);

/* For loops that wait: serves a flush that this processor is asked for. */
void shootdown_poll(void);

/* How many were asked for: counted for the smp workload. */
u64 shootdown_count(void);
