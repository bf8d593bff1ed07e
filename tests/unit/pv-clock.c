/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kvmclock and steal time are read by the version protocol; a host that is always writing, that
 * writes while we read, never wrote, or wrote nonsense is told from one that did it well.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "abi/kvm_para.h"
#include "lib/cpu.h"

static u64 now;
static unsigned int lfences;
static void (*at_lfence)(void);

static void (*at_rdtsc)(void);

static u64 fake_rdtsc(void)
{
	if (at_rdtsc)
		at_rdtsc();
	return now;
}

static void fake_lfence(void)
{
	lfences++;
	if (at_lfence)
		at_lfence();
}

#define rdtsc  fake_rdtsc
#define lfence fake_lfence
#include "../../paravirt/pv_clock.c"

struct platform platform;
static struct pvclock_vcpu_time_info clock_page;
static struct kvm_steal_time steal_page;
static u32 eoi_page;
static bool registered;

void *pv_page_registered(unsigned int page)
{
	if (!registered)
		return NULL;
	return page == PV_PAGE_CLOCK        ? (void *)&clock_page
	       : page == PV_PAGE_STEAL_TIME ? (void *)&steal_page
					    : (void *)&eoi_page;
}

void *pv_page_registered_of(unsigned int page, unsigned int cpu)
{
	return cpu == 1 ? pv_page_registered(page) : NULL;
}

static void setup(void)
{
	clock_page = (struct pvclock_vcpu_time_info){
		.version = 4,
		.tsc_timestamp = 1000,
		.system_time = 5000,
		.tsc_to_system_mul = 0x80000000,
		.tsc_shift = 1,
		.flags = PVCLOCK_TSC_STABLE_BIT,
	};
	platform.kvm_features = BIT(KVM_FEATURE_CLOCKSOURCE_STABLE_BIT);
	now = 1600;
	at_lfence = NULL;
	latest = vouched = 0;
}

static u64 value;

static void test_scale(void)
{
	setup();
	assert(!kvmclock_read(&value) && value == 5600); /* 600 * 2 / 2 */
	latest = vouched = 0;
	clock_page.tsc_shift = -1;
	assert(!kvmclock_read(&value) && value == 5150);
	latest = vouched = 0;
	now = 999; /* behind the host's stamp */
	assert(!kvmclock_read(&value) && value == 5000);
	latest = vouched = 0;
	clock_page.tsc_to_system_mul = 0xffffffff;
	clock_page.tsc_shift = 0;
	now = ~U64_C(0); /* no overflow on the way */
	assert(!kvmclock_read(&value) && value > U64_C(1) << 63);
}

/* What another processor read before is the least, where the host does not promise as much. */
static void test_unstable(void)
{
	setup();
	clock_page.flags = 0;
	assert(!kvmclock_read(&value) && value == 5600);
	now = 1500;
	assert(!kvmclock_read(&value) && value == 5600);
	now = 1700;
	assert(!kvmclock_read(&value) && value == 5700);
	clock_page.flags = PVCLOCK_TSC_STABLE_BIT;
	now = 1500;
	assert(!kvmclock_read(&value) && value == 5700);
}

static jmp_buf ended;
static u64 back_by;

noreturn_t kvmclock_went_back(u64 nanoseconds)
{
	back_by = nanoseconds;
	longjmp(ended, 1);
}

/* 0: the read ended the guest. */
static u64 read_once(void)
{
	if (setjmp(ended))
		return 0;
	assert(!kvmclock_read(&value));
	return value;
}

/* A host that vouches for its clock may go back by what rounding costs, which nobody sees. */
static void test_lie(void)
{
	setup();
	clock_page.system_time = 10000000;
	assert(read_once() == 10000600);
	clock_page.system_time -= ROUNDING_NS;
	assert(read_once() == 10000600);
	clock_page.system_time -= 1;
	assert(read_once() == 0 && back_by == ROUNDING_NS + 1);
	clock_page.flags = 0; /* it vouches no more, and again from a new beginning on */
	assert(read_once() == 10000600);
	clock_page.flags = PVCLOCK_TSC_STABLE_BIT;
	assert(read_once() == 10000600);
	clock_page.system_time += 2 * ROUNDING_NS;
	assert(read_once() == 10000600 + 2 * ROUNDING_NS - ROUNDING_NS - 1);
	clock_page.system_time -= 2 * ROUNDING_NS;
	platform.kvm_features = 0; /* it never said that the flag means anything */
	assert(read_once() == 10000600 + 2 * ROUNDING_NS - ROUNDING_NS - 1);
}

/*
 * The page is copied, then another guest runs here; meanwhile the TSC goes on, and the host writes
 * anew from which of its values it counts. Of the old page and the new TSC no time is made.
 */
static void host_preempts(void)
{
	at_rdtsc = NULL;
	now = 10000000;
	clock_page.version += 2;
	clock_page.tsc_timestamp = 9999950;
	clock_page.system_time = 5600;
}

static void test_preempting(void)
{
	setup();
	at_rdtsc = host_preempts;
	assert(read_once() == 5650);
}

static void host_writes(void)
{
	/* between our two looks at the version: only once */
	if (lfences == 1) {
		clock_page.version += 2;
		clock_page.system_time = 9000;
	}
}

static void host_never_rests(void) { clock_page.version += 2; }

static void test_versions(void)
{
	setup();
	lfences = 0;
	at_lfence = host_writes;
	assert(!kvmclock_read(&value) && value == 9600 && lfences == 4);

	setup();
	at_lfence = host_never_rests;
	assert(kvmclock_read(&value) == -E_AGAIN);
	setup();
	clock_page.version = 5;
	assert(kvmclock_read(&value) == -E_AGAIN);
}

static void test_nonsense(void)
{
	setup();
	clock_page.tsc_shift = 64;
	assert(kvmclock_read(&value) == -E_RANGE);
	clock_page.tsc_shift = -128;
	assert(kvmclock_read(&value) == -E_RANGE);
	memset(&clock_page, 0, sizeof(clock_page));
	assert(kvmclock_read(&value) == -E_IO);
	assert(steal_time_read(&value) == -E_IO);
	steal_page = (struct kvm_steal_time){ .steal = 77, .version = 2 };
	assert(!steal_time_read(&value) && value == 77);
	steal_page.version = 3;
	assert(steal_time_read(&value) == -E_AGAIN);
}

static void test_preempted(void)
{
	steal_page = (struct kvm_steal_time){ .preempted = KVM_VCPU_PREEMPTED };
	assert(pv_cpu_is_preempted(1) && !pv_cpu_is_preempted(2));
	assert(!pv_cpu_flush_later(2));
	assert(pv_cpu_flush_later(1));
	assert(steal_page.preempted == (KVM_VCPU_PREEMPTED | KVM_VCPU_FLUSH_TLB));
	assert(pv_cpu_flush_later(1)); /* once more is no more */
	steal_page.preempted = 2;
	assert(!pv_cpu_is_preempted(1) && !pv_cpu_flush_later(1));
}

static void test_eoi(void)
{
	eoi_page = 0xf1;
	assert(pv_eoi_consume() && eoi_page == 0xf0);
	assert(!pv_eoi_consume() && eoi_page == 0xf0);
}

int main(void)
{
	assert(kvmclock_read(&value) == -E_NOSYS && steal_time_read(&value) == -E_NOSYS);
	assert(!pv_eoi_consume());
	registered = true;
	test_scale();
	test_unstable();
	test_lie();
	test_preempting();
	test_versions();
	test_nonsense();
	test_preempted();
	test_eoi();
	puts("ok");
	return 0;
}
