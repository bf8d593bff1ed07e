/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading kvmclock and steal time: the host writes them at any moment, and is not trusted to do it
 * well. Odd version: it is writing. Beside them the bit of PV EOI. Spec: KVM-MSR.
 */
#include "abi/kvm_para.h"
#include "early/platform.h"
#include "lib/compiler.h"
#include "lib/cpu.h"
#include "lib/string.h"
#include "paravirt/pv_pages.h"

#define READ_TRIES 1000
#define SHIFT_MAX  31
/* A step back that is no lie: KVM's own, of nanoseconds, with much to spare */
#define ROUNDING_NS 1000000

/*
 * Copies @size bytes of @page when the version at @version stayed the same, and even, meanwhile; so
 * did @tsc, the TSC that belongs to them: a host that runs somebody else in between writes anew
 * what it means. 0, or -E_AGAIN.
 */
static int copy_stable(void *copy, const void *page, size_t size, const u32 *version, u64 *tsc)
{
	for (unsigned int i = 0; i < READ_TRIES; i++) {
		u32 before = READ_ONCE(*version);

		lfence();
		memcpy(copy, page, size);
		*tsc = rdtsc();
		lfence();
		if (!(before & 1) && READ_ONCE(*version) == before)
			return 0;
		cpu_relax();
	}
	return -E_AGAIN;
}

/* KVM-MSR: ns = ((ticks << shift) * mul >> 32) + system_time, shifting right where negative */
static u64 scale(const struct pvclock_vcpu_time_info *info, u64 tsc)
{
	u64 ticks = tsc - info->tsc_timestamp;

	if (tsc < info->tsc_timestamp) /* the host's stamp lies ahead of us */
		ticks = 0;
	ticks = info->tsc_shift < 0 ? ticks >> -info->tsc_shift : ticks << info->tsc_shift;
	return info->system_time +
	       (u64)(((unsigned __int128)ticks * info->tsc_to_system_mul) >> 32);
}

/*
 * The latest time that any processor was told; and the latest of those that the host vouched for,
 * 0 after one for which it did not.
 */
static u64 latest, vouched;

/* The greater of the two, which *time becomes. */
static u64 raise(u64 *time, u64 ns)
{
	u64 seen = __atomic_load_n(time, __ATOMIC_RELAXED);

	while (seen < ns && !__atomic_compare_exchange_n(time, &seen, ns, false, __ATOMIC_RELEASE,
							 __ATOMIC_RELAXED))
		;
	return seen > ns ? seen : ns;
}

/* KVM-CPUID: the flag means something only where the feature says that it does. */
static bool is_vouched_for(u8 flags)
{
	return flags & PVCLOCK_TSC_STABLE_BIT &&
	       platform.kvm_features & BIT(KVM_FEATURE_CLOCKSOURCE_STABLE_BIT);
}

/*
 * KVM-MSR: without PVCLOCK_TSC_STABLE_BIT the clocks of two processors need not agree, and with it
 * they do, but for what rounding costs when the host begins anew. @seen was known before @ns was
 * read: much less than that is a lie.
 */
static u64 not_before(u64 seen, u64 ns, bool stable)
{
	if (!stable)
		__atomic_store_n(&vouched, 0, __ATOMIC_RELAXED);
	else if (ns + ROUNDING_NS < seen)
		kvmclock_went_back(seen - ns);
	else
		raise(&vouched, ns);
	return raise(&latest, ns);
}

int kvmclock_read(u64 *nanoseconds)
{
	const struct pvclock_vcpu_time_info *page = pv_page_registered(PV_PAGE_CLOCK);
	u64 seen = __atomic_load_n(&vouched, __ATOMIC_ACQUIRE);
	struct pvclock_vcpu_time_info info;
	u64 tsc;
	int rc;

	if (!page)
		return -E_NOSYS;
	rc = copy_stable(&info, page, sizeof(info), &page->version, &tsc);
	if (rc)
		return rc;
	if (!info.version || !info.tsc_to_system_mul)
		return -E_IO;
	if (info.tsc_shift > SHIFT_MAX || info.tsc_shift < -SHIFT_MAX)
		return -E_RANGE;
	*nanoseconds = not_before(seen, scale(&info, tsc), is_vouched_for(info.flags));
	return 0;
}

int steal_time_read(u64 *nanoseconds)
{
	const struct kvm_steal_time *page = pv_page_registered(PV_PAGE_STEAL_TIME);
	struct kvm_steal_time steal;
	u64 tsc; /* of no use here */
	int rc;

	if (!page)
		return -E_NOSYS;
	rc = copy_stable(&steal, page, sizeof(steal), &page->version, &tsc);
	if (rc)
		return rc;
	if (!steal.version)
		return -E_IO;
	*nanoseconds = steal.steal;
	return 0;
}

bool pv_cpu_is_preempted(unsigned int cpu)
{
	const struct kvm_steal_time *page = pv_page_registered_of(PV_PAGE_STEAL_TIME, cpu);

	return page && READ_ONCE(page->preempted) & KVM_VCPU_PREEMPTED;
}

/* Atomic: one that the host lets run meanwhile has seen nothing of it. */
bool pv_cpu_flush_later(unsigned int cpu)
{
	struct kvm_steal_time *page = pv_page_registered_of(PV_PAGE_STEAL_TIME, cpu);
	u8 state = page ? READ_ONCE(page->preempted) : 0;

	return state & KVM_VCPU_PREEMPTED &&
	       __atomic_compare_exchange_n(&page->preempted, &state, state | KVM_VCPU_FLUSH_TLB,
					   false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/*
 * The host sets the bit when it can do without the EOI of the interrupt it injects, and looks
 * whether we cleared it.
 */
bool pv_eoi_consume(void)
{
	u32 *flags = pv_page_registered(PV_PAGE_EOI);

	/* Atomic: the host may take the bit back at any exit between the test and the clearing. */
	return flags && __atomic_fetch_and(flags, ~(u32)BIT(KVM_PV_EOI_BIT), __ATOMIC_RELAXED) &
				BIT(KVM_PV_EOI_BIT);
}
