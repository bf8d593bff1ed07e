/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lock lets one in at a time, in the order in which they came, and who waits polls; a try takes
 * nobody's turn, and a bounded wait ends.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>

#include "../../lib/spinlock.c"

#define THREADS 3
#define ROUNDS  2000

static struct spinlock lock;
static unsigned int inside, entered, order[THREADS];
static u64 total, polls;

static void poll(void) { sched_yield(); }

/* A bounded wait polls a million times: no turn is given away for it on a busy machine. */
static void poll_and_count(void) { polls++; }

static void *count(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		spin_lock(&lock);
		assert(!inside++);
		total++;
		assert(!--inside);
		spin_unlock(&lock);
	}
	return unused;
}

static void *enter(void *number)
{
	spin_lock(&lock);
	order[entered++] = (unsigned int)(uintptr_t)number;
	spin_unlock(&lock);
	return NULL;
}

static void test_exclusion(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert(!pthread_create(&threads[i], NULL, count, NULL));
	for (int i = 0; i < THREADS; i++)
		assert(!pthread_join(threads[i], NULL));
	assert(total == THREADS * ROUNDS);
}

static void test_order(void)
{
	pthread_t threads[THREADS];

	assert(spin_try(&lock) && !spin_try(&lock));
	spin_set_poll(poll_and_count);
	assert(!spin_lock_bounded(&lock) && polls);
	spin_set_poll(poll);
	for (uintptr_t i = 0; i < THREADS; i++) {
		u32 before = READ_ONCE(lock.next);

		assert(!pthread_create(&threads[i], NULL, enter, (void *)i));
		while (READ_ONCE(lock.next) == before) /* until it is in the queue */
			sched_yield();
	}
	spin_unlock(&lock);
	for (int i = 0; i < THREADS; i++)
		assert(!pthread_join(threads[i], NULL));
	for (unsigned int i = 0; i < THREADS; i++)
		assert(order[i] == i);
	assert(spin_lock_bounded(&lock));
	spin_unlock(&lock);
}

int main(void)
{
	spin_set_poll(poll);
	test_exclusion();
	test_order();
	return 0;
}
