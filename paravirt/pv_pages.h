/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM's per-processor pages: kvmclock, steal time, PV EOI, async page faults. Each is alone in
 * its page, is shared first and registered by MSR only then; without KVM all calls do nothing.
 * Spec: KVM-MSR. The host writes these pages: every read is one read into a local.
 */
#pragma once

#include "abi/bits.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "paravirt/cpus.h"

enum pv_page_kind {
	PV_PAGE_CLOCK,
	PV_PAGE_STEAL_TIME,
	PV_PAGE_EOI,
	PV_PAGE_ASYNC_PF,
	PV_PAGE_COUNT,
};

void pv_pages_share(void);
/* This processor's. What the host refuses is noted, and counts for all processors. */
void pv_pages_register(void);
/* The pages of other processors, in one conversion, before each registers its own. */
int must_check pv_pages_share_others(unsigned int first, unsigned int cpus,
				     const struct cpus_services *services);

/* Pages are said as bits: BIT() of enum pv_page_kind. */
#define PV_PAGES_ALL         bits_mask(PV_PAGE_COUNT)
#define PV_PAGES_OF_PLATFORM BIT(PV_PAGE_CLOCK) /* what a host of KVM's kind cannot do without */

/* The pages that the host refused to any processor. */
u32 pv_pages_refused(void);
/*
 * These pages on every processor: the host is told to forget them, then they are private again,
 * and from here on they are not offered. For the boot processor, while the others do work items.
 */
void pv_pages_take_back(u32 which, const struct cpus_services *services);
/* All that there are, at the end: whoever runs next in this memory finds none shared. */
void pv_pages_shut_down(const struct cpus_services *services);
/* The pages of processor @first and of all behind it, which will never come. */
void pv_pages_unshare_from(unsigned int first, const struct cpus_services *services);

/*
 * Nanoseconds of the host's clock, never less than any processor was told before: where the host
 * vouches for that and then breaks its word, the guest ends with a reason. -E_NOSYS without
 * kvmclock; -E_AGAIN when the host never
 * finished an update; -E_IO when the page stayed empty (it was not shared); -E_RANGE when the
 * numbers in it make no sense.
 */
int must_check kvmclock_read(u64 *nanoseconds);
/* Nanoseconds that the host ran something else instead of us; codes as kvmclock_read. */
int must_check steal_time_read(u64 *nanoseconds);
/* Whether the host says that it runs something else instead of processor @cpu, which has work. */
bool pv_cpu_is_preempted(unsigned int cpu);
/* ... and now that we ask, flushes its TLB before it runs it again: KVM_FEATURE_PV_TLB_FLUSH. */
bool pv_cpu_flush_later(unsigned int cpu);
/* True when the host marked this interrupt: it needs no EOI at the APIC. */
bool pv_eoi_consume(void);

/* The interrupt of async page faults, and what its handler calls: true when there was one. */
#define PV_ASYNC_PF_VECTOR 0xf3
bool pv_async_pf_interrupt(void);
/* The same when the APIC was off until now: an interrupt that was lost would be the last. */
void pv_async_pf_catch_up(void);
/*
 * A #PF with @address in CR2, interrupts off: false when it is a fault of ours. Else the host lacks
 * a page; returns when it has it.
 */
bool pv_async_pf_fault(u64 address);
/* How often any processor waited so. */
u64 pv_async_pf_waits(void);

/* One sentence a page that the host was to fill and that stayed empty; returns how many. */
unsigned int pv_pages_check(void);

/*
 * Between the registration of the pages (pv_pages.c) and those who read them (pv_clock.c,
 * pv_async_pf.c).
 */

/* The host vouched for its clock, which then went back by so much: ends the guest. */
noreturn_t kvmclock_went_back(u64 nanoseconds);

/* This processor's page, or NULL when the host does not know it. */
void *pv_page_registered(unsigned int page);
/* The same of another processor. */
void *pv_page_registered_of(unsigned int page, unsigned int cpu);
