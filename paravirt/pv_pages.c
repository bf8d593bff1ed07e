/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sharing and registration of KVM's per-processor pages.
 */
#include "paravirt/pv_pages.h"

#include "abi/ghcb.h"
#include "abi/kvm_para.h"
#include "early/fatal.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "lib/compiler.h"
#include "lib/irq.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "paravirt/pv_ops.h"
#include "paravirt/visibility.h"

/* Those of a processor lie together, so that a conversion may be of all. */
static u8 pages[CPU_MAX][PV_PAGE_COUNT][PAGE_SIZE] __shared_page;

static const struct pv_page {
	const char *name;
	unsigned int feature; /* KVM_FEATURE_ */
	u32 msr;
	u64 flags; /* beside the address */
} kinds[PV_PAGE_COUNT] = {
	[PV_PAGE_CLOCK] = { "kvmclock", KVM_FEATURE_CLOCKSOURCE2, MSR_KVM_SYSTEM_TIME_NEW,
			    KVM_MSR_ENABLED },
	[PV_PAGE_STEAL_TIME] = { "steal time", KVM_FEATURE_STEAL_TIME, MSR_KVM_STEAL_TIME,
				 KVM_MSR_ENABLED },
	[PV_PAGE_EOI] = { "PV EOI", KVM_FEATURE_PV_EOI, MSR_KVM_PV_EOI_EN, KVM_MSR_ENABLED },
	[PV_PAGE_ASYNC_PF] = { "async page fault", KVM_FEATURE_ASYNC_PF_INT, MSR_KVM_ASYNC_PF_EN,
			       KVM_MSR_ENABLED | KVM_ASYNC_PF_DELIVERY_AS_INT },
};

static struct {
	bool is_shared, is_registered;
} states[CPU_MAX][PV_PAGE_COUNT];

static u32 refused;

/*
 * "Page not present" comes as a #PF, also in the kernel, which is all that there is; but not where
 * the host cannot set CR2, and so none of it is believed.
 */
static u64 flags_of(const struct pv_page *kind)
{
	bool everywhere = kind->msr == MSR_KVM_ASYNC_PF_EN && !cc_has(CC_STATE_ENCRYPTED);

	return kind->flags | (everywhere ? KVM_ASYNC_PF_SEND_ALWAYS : 0);
}

static bool has(const struct pv_page *kind) { return platform.kvm_features & BIT(kind->feature); }

void *pv_page_registered(unsigned int page) { return pv_page_registered_of(page, cpu_index()); }

void *pv_page_registered_of(unsigned int page, unsigned int cpu)
{
	return states[cpu][page].is_registered ? pages[cpu][page] : NULL;
}

/* Pages by number: PV_PAGE_COUNT for each processor. */
static u8 *page_at(unsigned int n) { return pages[n / PV_PAGE_COUNT][n % PV_PAGE_COUNT]; }

static bool *is_shared_at(unsigned int n)
{
	return &states[n / PV_PAGE_COUNT][n % PV_PAGE_COUNT].is_shared;
}

static bool is_wanted(unsigned int n) { return has(&kinds[n % PV_PAGE_COUNT]); }

/* From page @n on, below @end: how many have to be shared. */
static unsigned int count_wanted(unsigned int n, unsigned int end)
{
	unsigned int first = n;

	while (n < end && is_wanted(n))
		n++;
	return n - first;
}

/* In as few conversions as there are pieces. */
static int share(unsigned int first_cpu, unsigned int cpus, visibility_setter_t change)
{
	unsigned int end = (first_cpu + cpus) * PV_PAGE_COUNT;

	for (unsigned int n = first_cpu * PV_PAGE_COUNT, count; n < end; n += count + 1) {
		int error;

		count = count_wanted(n, end);
		error = count ? visibility_share(va_of(page_at(n)), count, "KVM's pages", change)
			      : 0;
		if (error)
			return error;
		for (unsigned int i = 0; i < count; i++)
			*is_shared_at(n + i) = true;
	}
	return 0;
}

void pv_pages_share(void)
{
	if (share(cpu_index(), 1, early_set_memory_decrypted))
		fatal(TERM_PSC, "the pages for KVM could not be shared");
}

int pv_pages_share_others(unsigned int first, unsigned int cpus,
			  const struct cpus_services *services)
{
	return share(first, cpus, services->share);
}

/* The vector first: an enabled page may notify at once. */
static int register_page(unsigned int kind, u64 gpa)
{
	int error = 0;

	if (kind == PV_PAGE_ASYNC_PF)
		error = pv_msr_write(MSR_KVM_ASYNC_PF_INT, PV_ASYNC_PF_VECTOR);
	return error ? error : pv_msr_write(kinds[kind].msr, gpa | flags_of(&kinds[kind]));
}

void pv_pages_register(void)
{
	for (unsigned int i = 0; i < PV_PAGE_COUNT; i++) {
		u64 gpa = pa_of(pages[cpu_index()][i]).value;

		if (!has(&kinds[i]))
			continue;
		if (!register_page(i, gpa)) {
			states[cpu_index()][i].is_registered = true;
			continue;
		}
		log_error("the host refused the page for %s of processor %u", kinds[i].name,
			  cpu_index());
		__atomic_or_fetch(&refused, (u32)BIT(i), __ATOMIC_RELEASE);
	}
}

noreturn_t kvmclock_went_back(u64 nanoseconds)
{
	fatal(TERM_CLOCK, "kvmclock went back by %lu ns, and the host vouched that it never does",
	      nanoseconds);
}

u32 pv_pages_refused(void) { return __atomic_load_n(&refused, __ATOMIC_ACQUIRE); }

/*
 * The host first, which until then may write or mark: an interrupt between the two would have its
 * EOI done by the host, and by us.
 */
static void forget(unsigned int kind)
{
	u64 flags = irq_save();

	if (pv_msr_write(kinds[kind].msr, 0))
		fatal(TERM_RESPONSE, "the host does not give back the page for %s",
		      kinds[kind].name);
	states[cpu_index()][kind].is_registered = false;
	irq_restore(flags);
}

/* On each processor. */
static void forget_own(void *which)
{
	for (unsigned int i = 0; i < PV_PAGE_COUNT; i++)
		if (*(const u32 *)which & BIT(i) && states[cpu_index()][i].is_registered)
			forget(i);
}

/* From page @n on: how many have to be private again. */
static unsigned int count_shared(unsigned int n, u32 which)
{
	unsigned int first = n;

	while (n < CPU_MAX * PV_PAGE_COUNT && which & BIT(n % PV_PAGE_COUNT) && *is_shared_at(n))
		n++;
	return n - first;
}

static void unshare(unsigned int first_cpu, u32 which, visibility_setter_t change)
{
	for (unsigned int n = first_cpu * PV_PAGE_COUNT, count; n < CPU_MAX * PV_PAGE_COUNT;
	     n += count + 1) {
		count = count_shared(n, which);
		if (count && visibility_unshare(va_of(page_at(n)), count, change))
			fatal(TERM_PSC, "pages for KVM stay shared");
		for (unsigned int i = 0; i < count; i++)
			*is_shared_at(n + i) = false;
	}
}

static void take_back(u32 which, const struct cpus_services *services)
{
	services->run(forget_own, &which);
	unshare(0, which, services->unshare);
}

void pv_pages_take_back(u32 which, const struct cpus_services *services)
{
	take_back(which, services);
	for (unsigned int i = 0; i < PV_PAGE_COUNT; i++) {
		if (!(which & BIT(i)) || !has(&kinds[i]))
			continue;
		platform.kvm_features &= ~(u32)BIT(kinds[i].feature);
		log_info("%s: left out on every processor", kinds[i].name);
	}
}

void pv_pages_shut_down(const struct cpus_services *services) { take_back(PV_PAGES_ALL, services); }

void pv_pages_unshare_from(unsigned int first, const struct cpus_services *services)
{
	unshare(first, PV_PAGES_ALL, services->unshare);
}

/* The two pages that a host fills as soon as they are registered. */
unsigned int pv_pages_check(void)
{
	static const unsigned int filled[] = { PV_PAGE_CLOCK, PV_PAGE_STEAL_TIME };
	unsigned int empty = 0;
	u64 value;

	for (size_t i = 0; i < array_count(filled); i++) {
		int rc = filled[i] == PV_PAGE_CLOCK ? kvmclock_read(&value)
						    : steal_time_read(&value);

		if (rc != -E_IO)
			continue;
		log_error("the page for %s stayed empty: it is registered, but not shared",
			  kinds[filled[i]].name);
		empty++;
	}
	return empty;
}
