/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM's hypercalls and MSRs are judged as KVM judges them, pages are written by the version
 * protocol, and the clock's scale is exact to two microseconds an hour.
 * RUN: %unit-cc %s -o %t
 */
#include <assert.h>
#include <string.h>

#include "../../monitor/host/kvm_host.c"

#define ALL (~0U)

static struct kvm_hypercall_result call(u64 nr, u64 a0, u64 a1, u64 a2, u64 a3)
{
	const struct kvm_hypercall c = { .nr = nr, .args = { a0, a1, a2, a3 }, .is_64bit = true };

	return kvm_hypercall_decode(&c, ALL);
}

static bool refused(struct kvm_hypercall_result r, s64 error)
{
	return r.action == KVM_ACTION_NONE && r.ret == -error;
}

static void test_simple_calls(void)
{
	struct kvm_hypercall c = { .nr = KVM_HC_VAPIC_POLL_IRQ, .is_64bit = true };
	struct kvm_hypercall_result r = call(KVM_HC_VAPIC_POLL_IRQ, 0, 0, 0, 0);

	assert(r.action == KVM_ACTION_POLL_IRQ && r.ret == 0);
	r = call(KVM_HC_SCHED_YIELD, 3, 0, 0, 0);
	assert(r.action == KVM_ACTION_YIELD && r.apic_id == 3 && r.ret == 0);
	r = call(KVM_HC_CLOCK_PAIRING, 0x5000, 0, 0, 0);
	assert(r.action == KVM_ACTION_CLOCK && r.gpa == 0x5000);
	assert(refused(call(KVM_HC_CLOCK_PAIRING, 0x5000, 1, 0, 0), KVM_EOPNOTSUPP));
	assert(refused(call(KVM_HC_KICK_CPU, 0, 1, 0, 0), KVM_ENOSYS));
	assert(refused(call(999, 0, 0, 0, 0), KVM_ENOSYS));
	assert(refused(call(BIT(32) | KVM_HC_VAPIC_POLL_IRQ, 0, 0, 0, 0), KVM_ENOSYS));
	c.cpl = 3;
	assert(refused(kvm_hypercall_decode(&c, ALL), KVM_EPERM));
	c.cpl = 0;
	c.is_64bit = false;
	c.nr |= BIT(32); /* not seen from 32-bit code */
	assert(kvm_hypercall_decode(&c, ALL).action == KVM_ACTION_POLL_IRQ);
}

static void test_features(void)
{
	static const u32 gated[] = { KVM_HC_SEND_IPI, KVM_HC_SCHED_YIELD, KVM_HC_MAP_GPA_RANGE };

	for (unsigned int i = 0; i < 3; i++) {
		const struct kvm_hypercall c = { .nr = gated[i],
						 .args = { 0, 1 },
						 .is_64bit = true };

		assert(refused(kvm_hypercall_decode(&c, 0), KVM_ENOSYS));
		assert(kvm_hypercall_decode(&c, ALL).action != KVM_ACTION_NONE);
	}
}

static void test_map_gpa(void)
{
	struct kvm_hypercall_result r = call(KVM_HC_MAP_GPA_RANGE, 0x200000, 512, 0x11, 0);

	assert(r.action == KVM_ACTION_MAP_GPA && r.gpa == 0x200000 && r.page_count == 512);
	assert(r.encrypted && r.ret == 0);
	assert(!call(KVM_HC_MAP_GPA_RANGE, 0x1000, 1, 0, 0).encrypted);
	assert(call(KVM_HC_MAP_GPA_RANGE, 0x1000, 1, 0xf, 0).action == KVM_ACTION_MAP_GPA);
	assert(refused(call(KVM_HC_MAP_GPA_RANGE, 0x1001, 1, 0, 0), KVM_EINVAL));
	assert(refused(call(KVM_HC_MAP_GPA_RANGE, 0x1000, 0, 0, 0), KVM_EINVAL));
	assert(refused(call(KVM_HC_MAP_GPA_RANGE, 0x1000, ~U64_C(0), 0, 0), KVM_EINVAL));
	assert(refused(call(KVM_HC_MAP_GPA_RANGE, 0x1000, 1, 0x20, 0), KVM_EINVAL));
}

static void expect_ipis(struct kvm_hypercall_result r, const u32 *ids, unsigned int count)
{
	u32 id;

	assert(r.action == KVM_ACTION_SEND_IPI && r.ret == 0);
	for (unsigned int i = 0; i < count; i++)
		assert(kvm_ipi_next(&r, &id) && id == ids[i]);
	assert(!kvm_ipi_next(&r, &id) && !kvm_ipi_next(&r, &id));
}

static void test_send_ipi(void)
{
	const u32 wide[] = { 10, 12, 73, 74, 137 }, narrow[] = { 1, 32 };
	const u32 last[] = { 0xfffffffe, 0xffffffff, 62, 63 };
	struct kvm_hypercall c = { .nr = KVM_HC_SEND_IPI, .args = { 2, 1, 0, 0x4fd } };
	struct kvm_hypercall_result r;

	r = call(KVM_HC_SEND_IPI, 5 | BIT(63), 1 | BIT(63), 10, 0xfd);
	assert(!r.ipi_nmi && r.ipi_vector == 0xfd);
	expect_ipis(r, wide, 5);
	r = kvm_hypercall_decode(&c, ALL); /* 32-bit: two words of 32 */
	assert(r.ipi_nmi);
	expect_ipis(r, narrow, 2);
	expect_ipis(call(KVM_HC_SEND_IPI, 0, 0, 0, 0xfd), NULL, 0);
	assert(refused(call(KVM_HC_SEND_IPI, 1, 0, 0, 0x8fd), KVM_EINVAL));   /* logical */
	assert(refused(call(KVM_HC_SEND_IPI, 1, 0, 0, 0x400fd), KVM_EINVAL)); /* shorthand */
	assert(refused(call(KVM_HC_SEND_IPI, 1, 0, 0, 0x5fd), 0));            /* INIT */
	expect_ipis(call(KVM_HC_SEND_IPI, ~U64_C(0), 3, 0xfffffffe, 0xfd), last, 4);
}

static void test_msrs(void)
{
	assert(kvm_msr_valid(MSR_KVM_WALL_CLOCK_NEW, 0x1004, ALL));
	assert(kvm_msr_valid(MSR_KVM_WALL_CLOCK_NEW, 0x1001, ALL));
	assert(kvm_msr_valid(MSR_KVM_SYSTEM_TIME_NEW, 0x1001, ALL));
	assert(kvm_msr_valid(MSR_KVM_SYSTEM_TIME_NEW, 0x1003, ALL));
	assert(kvm_msr_valid(MSR_KVM_STEAL_TIME, 0x1041, ALL));
	assert(!kvm_msr_valid(MSR_KVM_STEAL_TIME, 0x1021, ALL));
	assert(kvm_msr_valid(MSR_KVM_PV_EOI_EN, 0x1005, ALL));
	assert(!kvm_msr_valid(MSR_KVM_PV_EOI_EN, 0x1003, ALL));
	assert(kvm_msr_valid(MSR_KVM_ASYNC_PF_EN, 0x1049, ALL));
	assert(!kvm_msr_valid(MSR_KVM_ASYNC_PF_EN, 0x1051, ALL));
	assert(kvm_msr_valid(MSR_KVM_ASYNC_PF_EN, 0x1045, ALL));
	assert(!kvm_msr_valid(MSR_KVM_ASYNC_PF_EN, 0x1049,
			      ALL & ~(1U << KVM_FEATURE_ASYNC_PF_INT)));
	assert(kvm_msr_valid(MSR_KVM_ASYNC_PF_INT, 0xf3, ALL));
	assert(!kvm_msr_valid(MSR_KVM_ASYNC_PF_INT, 0x1f3, ALL));
	assert(kvm_msr_valid(MSR_KVM_ASYNC_PF_ACK, 1, ALL));
	assert(kvm_msr_valid(MSR_KVM_MIGRATION_CONTROL, 1, ALL));
	assert(!kvm_msr_valid(MSR_KVM_MIGRATION_CONTROL, 2, ALL));
	assert(!kvm_msr_valid(0x4b564d05, 0, ALL) && !kvm_msr_known(0x11, ALL));
	for (u32 msr = MSR_KVM_WALL_CLOCK_NEW; msr <= MSR_KVM_MIGRATION_CONTROL; msr++)
		assert(!kvm_msr_known(msr, 0));
}

static void test_scale(void)
{
	static const u64 khz[] = { 1, 1000, 999999, 1000000, 1000001, 2000000, 2994375, 5000000 };
	u32 mul;
	s8 shift;

	for (unsigned int i = 0; i < 8; i++) {
		u64 hour = khz[i] * 1000 * 3600, ns;

		kvm_clock_scale(khz[i], &mul, &shift);
		assert(mul >> 31);
		ns = kvm_clock_ns(hour, mul, shift);
		assert(ns <= 3600 * NS_PER_SEC && ns > 3600 * NS_PER_SEC - 2000);
	}
	kvm_clock_scale(1000000, &mul, &shift);
	assert(mul == 0x80000000 && shift == 1);
	kvm_clock_scale(0, &mul, &shift);
	assert(mul == 0);
}

/* The guest's page, and what a reader between two writes would find. */
static u8 page[256];
static u32 writes, version_at, fail_at;
static bool odd_between;

static int write_page(void *context, u64 gpa, const void *data, size_t size)
{
	u32 version;

	assert(context == page && gpa >= 0x1000 && gpa + size <= 0x1000 + sizeof(page));
	if (++writes == fail_at)
		return -E_FAULT;
	memcpy(page + (gpa - 0x1000), data, size);
	memcpy(&version, page + version_at, 4);
	odd_between &= writes == 3 || version & 1;
	return 0;
}

static void prepare(u32 offset)
{
	memset(page, 0xa5, sizeof(page));
	writes = 0;
	version_at = offset;
	odd_between = true;
	fail_at = 0;
}

static void test_writes(void)
{
	const struct kvm_clock clock = { .tsc = 5, .ns = 6, .mul = 7, .shift = -1, .flags = 1 };
	struct pvclock_vcpu_time_info info;
	struct pvclock_wall_clock wall;
	struct kvm_steal_time steal;
	u32 version = 4;

	prepare(0);
	assert(!kvm_clock_write(write_page, page, 0x1000, &version, &clock));
	memcpy(&info, page, sizeof(info));
	assert(odd_between && writes == 3 && version == 6 && info.version == 6);
	assert(info.tsc_timestamp == 5 && info.system_time == 6 && info.tsc_to_system_mul == 7);
	assert(info.tsc_shift == -1 && info.flags == 1 && page[sizeof(info)] == 0xa5);
	prepare(0);
	assert(!kvm_wall_clock_write(write_page, page, 0x1000, &version, 8, 9));
	memcpy(&wall, page, sizeof(wall));
	assert(odd_between && wall.version == 8 && wall.sec == 8 && wall.nsec == 9);
	prepare(8 + 64);
	version = 0xfffffffe; /* wraps to 0, which is even */
	assert(!kvm_steal_write(write_page, page, 0x1040, &version, 10, true));
	memcpy(&steal, page + 64, sizeof(steal));
	assert(odd_between && version == 0 && steal.version == 0);
	assert(steal.steal == 10 && steal.preempted == 1 && page[63] == 0xa5);
	for (u32 at = 1; at <= 3; at++) {
		prepare(0);
		fail_at = at;
		assert(kvm_clock_write(write_page, page, 0x1000, &version, &clock) == -E_FAULT);
		assert(version % 2 == 0);
	}
}

static void test_clock_pairing(void)
{
	struct kvm_clock_pairing pairing;

	prepare(0);
	assert(kvm_clock_pairing_write(write_page, page, 0x1000, 1, 2, 3) == 0);
	memcpy(&pairing, page, sizeof(pairing));
	assert(pairing.sec == 1 && pairing.nsec == 2 && pairing.tsc == 3 && !pairing.flags);
	prepare(0);
	fail_at = 1;
	assert(kvm_clock_pairing_write(write_page, page, 0x1000, 1, 2, 3) == -KVM_EFAULT);
}

int main(void)
{
	test_simple_calls();
	test_features();
	test_map_gpa();
	test_send_ipi();
	test_msrs();
	test_scale();
	test_writes();
	test_clock_pairing();
	return 0;
}
