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

static void just_poll(struct spin_wait *wait, u64 stage)
{
	(void)wait, (void)stage;
	spin_poll();
}

static spin_wait_t wait_hook = just_poll;

void spin_set_wait(spin_wait_t wait) { wait_hook = wait; }

void spin_wait(struct spin_wait *wait, u64 stage) { wait_hook(wait, stage); }

static __cold void wait_for(const struct spinlock *lock, u32 ticket)
{
	struct spin_wait wait = { 0 };
	u32 turn;

	while ((turn = __atomic_load_n(&lock->turn, __ATOMIC_ACQUIRE)) != ticket)
		spin_wait(&wait, turn);
}

void spin_lock(struct spinlock *lock)
{
	u32 ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	if (__atomic_load_n(&lock->turn, __ATOMIC_ACQUIRE) != ticket)
		wait_for(lock, ticket);
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
