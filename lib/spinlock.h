/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks between processors. Whoever waits serves what others wait for (spin_poll), so that the
 * holder may wait for all processors. Never taken in an interrupt handler, so interrupts stay as
 * they are. Order, outermost first: guest message or quote, malloc, heap or supply, page tables,
 * page states, claims; then that of the TSC's rate, and the log's last.
 */
#pragma once

#include "abi/bits.h"
#include "lib/compiler.h"
#include "lib/patience.h"

/* Tickets: who came first is first. */
struct spinlock {
	u32 next; /* that nobody has drawn yet */
	u32 turn; /* whose it is; of nobody: next */
};

/* What a waiting processor does between two looks; nothing until the kernel has more than one. */
typedef void (*spin_poll_t)(void);
void spin_set_poll(spin_poll_t poll);
void spin_poll(void);

/*
 * One look more at what another processor has, a lock or something else that is at @stage: who
 * waits for it does that here, so that a processor which never comes to its end does not make the
 * others wait for ever. @wait is all zero at first.
 */
struct spin_wait {
	u64 stage;
	u64 looks;
	u32 silent; /* processors that gave no sign of life since they were asked for one */
	struct patience patience;
};
typedef void (*spin_wait_t)(struct spin_wait *wait, u64 stage);
void spin_set_wait(spin_wait_t wait);
void spin_wait(struct spin_wait *wait, u64 stage);

/* Only if nobody holds it, or waits. */
static inline bool spin_try(struct spinlock *lock)
{
	u32 turn = __atomic_load_n(&lock->turn, __ATOMIC_ACQUIRE);

	return __atomic_compare_exchange_n(&lock->next, &turn, turn + 1, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

void spin_lock(struct spinlock *lock);
/* For what must go on even if the holder never does: false when it does not answer. */
bool spin_lock_bounded(struct spinlock *lock);

static inline void spin_unlock(struct spinlock *lock)
{
	__atomic_store_n(&lock->turn, lock->turn + 1, __ATOMIC_RELEASE);
}
