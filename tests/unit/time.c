/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TSC's rate: the firmware's before CPUID's, that before the host's clock, and the PIT last;
 * whatever is asked may have no answer, or none that ends. Asked for by several processors at once
 * it is measured once: there is one PIT.
 * RUN: %unit-cc %s %root/lib/spinlock.c -iquote %S/Inputs/time -o %t
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "lib/cpu.h"
#include "lib/irq.h"

static u64 now;

#define rdtsc()        __atomic_add_fetch(&now, 10, __ATOMIC_RELAXED)
#define irq_save()     0
#define irq_restore(x) (void)(x)
#include "../../kernel/time.c"

static u64 firmware_khz;
static struct cpuid_regs leaf;
static int clock_error = -E_NOSYS;
static u64 clock_step; /* nanoseconds a look */
static bool has_pit, is_shared;
static pthread_t measuring;
static unsigned int looks, measurements;

u64 timeline_start(void) { return 0; }
u64 secure_tsc_khz(void) { return firmware_khz; }

struct cpuid_regs pv_cpuid(u32 number, u32 subleaf)
{
	(void)subleaf;
	return number ? leaf : (struct cpuid_regs){ .eax = leaf.eax ? CPUID_TSC : 1 };
}

int kvmclock_read(u64 *nanoseconds)
{
	static u64 ns;

	*nanoseconds = ns += clock_step;
	return clock_error;
}

/* Counts down from one thread's command to its end; who comes between does so in its own count. */
void pv_io_out(u16 port, unsigned int size, u32 value)
{
	assert(size == 1);
	if (port != PORT_PIT_COMMAND)
		return;
	assert(value == PIT_CHANNEL2_ONE_SHOT);
	measuring = pthread_self();
	measurements++;
	looks = 0;
	sched_yield();
}

u32 pv_io_in(u16 port, unsigned int size)
{
	assert(port == PORT_SPEAKER && size == 1);
	if (looks++ > 20)
		return has_pit ? SPEAKER_OUT : 0;
	is_shared |= measurements && !pthread_equal(measuring, pthread_self());
	sched_yield();
	now += 100000;
	return 0;
}

static u64 rate(void)
{
	tsc_khz = 0;
	measurements = looks = 0;
	return time_tsc_khz();
}

static void test_sources(void)
{
	assert(rate() == KHZ_UNKNOWN && measurements == 1);
	has_pit = true;
	assert(rate() > 900000 && rate() < 1200000 && measurements == CALIBRATE_TRIES);
	clock_error = 0; /* one that stands still is none */
	assert(rate() < 1200000 && measurements == CALIBRATE_TRIES);
	clock_step = 10;
	assert(rate() && !measurements);
	leaf = (struct cpuid_regs){ .eax = 2, .ebx = 200, .ecx = 25000000 };
	assert(rate() == 2500000);
	leaf.ecx = 0;
	assert(rate() != 2500000 && !measurements);
	firmware_khz = 3000000;
	assert(rate() == 3000000);
	assert(time_tsc_to_ns(U64_C(3000000) * 3600 * 24 * 365 * 1000) ==
	       U64_C(3600) * 24 * 365 * 1000000000);
}

static u64 rates[4];
static pthread_barrier_t all;

static void *processor(void *own)
{
	pthread_barrier_wait(&all);
	*(u64 *)own = time_tsc_khz();
	return NULL;
}

static void test_processors(void)
{
	pthread_t threads[4];

	firmware_khz = 0;
	leaf = (struct cpuid_regs){ 0 };
	clock_error = -E_NOSYS;
	tsc_khz = 0;
	measurements = looks = 0;
	pthread_barrier_init(&all, NULL, 4);
	for (int i = 0; i < 4; i++)
		assert(!pthread_create(&threads[i], NULL, processor, &rates[i]));
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert(!is_shared && measurements == CALIBRATE_TRIES);
	for (int i = 0; i < 4; i++)
		assert(rates[i] && rates[i] == rates[0]);
}

int main(void)
{
	test_sources();
	for (int i = 0; i < 20; i++)
		test_processors();
	return 0;
}
