/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sharing and registration of KVM's per-processor pages.
 */
#include "paravirt/pv_pages.h"

#include "abi/kvm_para.h"
#include "early/percpu.h"
#include "early/platform.h"
#include "lib/compiler.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "paravirt/early_set_memory.h"
#include "paravirt/pv_ops.h"
#include "paravirt/pv_pages_host.h"
#include "paravirt/shared_pages.h"

static u8 pages[PV_PAGE_COUNT][CPU_MAX][PAGE_SIZE] __shared_page;

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

static bool registered[PV_PAGE_COUNT][CPU_MAX] __ro_after_init;

static bool has(const struct pv_page *kind) { return platform.kvm_features & BIT(kind->feature); }

void *pv_page_registered(unsigned int page)
{
	return registered[page][cpu_index()] ? pages[page][cpu_index()] : NULL;
}

__weak bool pv_page_is_forgotten(const char *name)
{
	(void)name;
	return false;
}

void pv_pages_share(void)
{
	for (unsigned int i = 0; i < PV_PAGE_COUNT; i++) {
		u8 *page = pages[i][cpu_index()];

		if (!has(&kinds[i]) || pv_page_is_forgotten(kinds[i].name))
			continue;
		if (early_set_memory_decrypted(va_of(page), 1))
			panic("page for %s could not be shared", kinds[i].name);
		memset(page, 0, PAGE_SIZE); /* a page that was just shared holds anything */
		shared_pages_note(pa_of(page), 1, kinds[i].name);
	}
}

int pv_pages_share_others(unsigned int first, unsigned int cpus,
			  const struct cpus_services *services)
{
	for (unsigned int i = 0; i < PV_PAGE_COUNT; i++) {
		u8 *page = pages[i][first];
		int error;

		if (!has(&kinds[i]))
			continue;
		error = services->share(va_of(page), cpus);
		if (error)
			return error;
		memset(page, 0, cpus * sizeof(pages[i][0]));
		shared_pages_note(pa_of(page), cpus, kinds[i].name);
	}
	return 0;
}

void pv_pages_register(void)
{
	/* The vector first: an enabled page may notify at once. */
	if (has(&kinds[PV_PAGE_ASYNC_PF]) && pv_msr_write(MSR_KVM_ASYNC_PF_INT, PV_ASYNC_PF_VECTOR))
		log_error("the host refused the vector for async page faults");
	for (unsigned int i = 0; i < PV_PAGE_COUNT; i++) {
		u64 gpa = pa_of(pages[i][cpu_index()]).value;

		if (!has(&kinds[i]))
			continue;
		if (pv_msr_write(kinds[i].msr, gpa | kinds[i].flags))
			log_error("the host refused the page for %s", kinds[i].name);
		else
			registered[i][cpu_index()] = true;
	}
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
