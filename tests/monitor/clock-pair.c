/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest reads from kvmclock and steal time what the monitor's model wrote: the same
 * nanoseconds at any TSC frequency, nothing while the model is in the middle of writing.
 * RUN: %monitor-cc %s %root/lib/format.c -o %t
 */
#include "lib/cpu.h"

static u64 fake_tsc;
static u64 fake_rdtsc(void) { return fake_tsc; }
#define rdtsc fake_rdtsc
#include "paravirt/pv_clock.c"

#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/host/kvm_host.h"

#define GPA 0x5000

struct platform platform = { .kvm_features = BIT(KVM_FEATURE_CLOCKSOURCE_STABLE_BIT) };

/* Shared pages hold noise until the host has written. */
static union {
	u8 bytes[PAGE_SIZE];
	struct pvclock_vcpu_time_info clock;
	struct kvm_steal_time steal;
} page;

void *pv_page_registered(unsigned int which)
{
	assert(which == PV_PAGE_CLOCK || which == PV_PAGE_STEAL_TIME);
	return &page;
}

/* There is no other. */
void *pv_page_registered_of(unsigned int which, unsigned int cpu)
{
	(void)which, (void)cpu;
	return NULL;
}

noreturn_t kvmclock_went_back(u64 nanoseconds)
{
	(void)nanoseconds;
	abort();
}

static unsigned int writes;

/* After each write but the last the guest looks, and must see that it is not done. */
static int host_write(void *context, u64 gpa, const void *data, size_t size)
{
	u64 ns;

	memcpy(page.bytes + (gpa - GPA), data, size);
	if (context && ++writes % 3)
		assert(kvmclock_read(&ns) == -E_AGAIN);
	return 0;
}

/* At any time, before or after that of the last. */
static int read_anew(u64 *ns)
{
	latest = vouched = 0;
	return kvmclock_read(ns);
}

static void test_clock(u64 khz)
{
	struct kvm_clock clock = { .tsc = 1000, .ns = 77, .flags = PVCLOCK_TSC_STABLE_BIT };
	u32 version = 0;
	u64 ns;

	kvm_clock_scale(khz, &clock.mul, &clock.shift);
	for (u64 second = 0; second < 5; second++) {
		assert(!kvm_clock_write(host_write, &page, GPA, &version, &clock));
		for (u64 delta = 0; delta < 3000000; delta += 99999) {
			fake_tsc = clock.tsc + delta;
			assert(!read_anew(&ns));
			assert(ns == clock.ns + kvm_clock_ns(delta, clock.mul, clock.shift));
		}
		fake_tsc = clock.tsc + khz * 1000;
		assert(!read_anew(&ns) && ns <= clock.ns + 1000000000 &&
		       ns + 2 >= clock.ns + 1000000000);
		clock.tsc = fake_tsc;
		clock.ns = ns;
	}
}

static void test_steal(void)
{
	u32 version = 0;
	u64 ns;

	memset(page.bytes, 0xa5, sizeof(page)); /* an odd version, as it happens */
	assert(steal_time_read(&ns) == -E_AGAIN);
	assert(!kvm_steal_write(host_write, NULL, GPA, &version, 123456789, false));
	assert(!steal_time_read(&ns) && ns == 123456789);
	assert(!kvm_steal_write(host_write, NULL, GPA, &version, 223456789, true));
	assert(!steal_time_read(&ns) && ns == 223456789);
}

int main(void)
{
	static const u64 khz[] = { 100, 999999, 1000000, 2994375, 6000000 };

	for (unsigned int i = 0; i < array_count(khz); i++)
		test_clock(khz[i]);
	test_steal();
	return 0;
}
