/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for a lock.
 */
#include "lib/spinlock.h"

#define TRIES_MAX 1000000

static void relax(void) { __builtin_ia32_pause(); }

static spin_poll_t poll_hook = relax;

void spin_set_poll(spin_poll_t poll) { poll_hook = poll; }

void spin_poll(void) { poll_hook(); }

void spin_lock(struct spinlock *lock)
{
	u32 ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&lock->turn, __ATOMIC_ACQUIRE) != ticket)
		spin_poll();
}

bool spin_lock_bounded(struct spinlock *lock)
{
	for (int i = 0; i < TRIES_MAX; i++) {
		if (spin_try(lock))
			return true;
		spin_poll();
	}
	return false;
}
