/* SPDX-License-Identifier: Apache-2.0 */
/*
 * KVM's per-processor pages: kvmclock, steal time, PV EOI, async page faults. Each is alone in
 * its page, is shared first and registered by MSR only then; without KVM all calls do nothing.
 * Spec: KVM-MSR. The host writes these pages: every read is one read into a local.
 */
#pragma once

#include "abi/bits.h"
#include "lib/errno.h"
#include "paravirt/cpus.h"

void pv_pages_share(void);
void pv_pages_register(void);
/* The pages of other processors, each kind's in one conversion, before each registers its own. */
int must_check pv_pages_share_others(unsigned int first, unsigned int cpus,
				     const struct cpus_services *services);

/*
 * Nanoseconds of the host's clock. -E_NOSYS without kvmclock; -E_AGAIN when the host never
 * finished an update; -E_IO when the page stayed empty (it was not shared); -E_RANGE when the
 * numbers in it make no sense.
 */
int must_check kvmclock_read(u64 *nanoseconds);
/* Nanoseconds that the host ran something else instead of us; codes as kvmclock_read. */
int must_check steal_time_read(u64 *nanoseconds);
/* True when the host marked this interrupt: it needs no EOI at the APIC. */
bool pv_eoi_consume(void);

/* The interrupt of async page faults, and what its handler calls: true when there was one. */
#define PV_ASYNC_PF_VECTOR 0xf3
bool pv_async_pf_interrupt(void);

/* One sentence a page that the host was to fill and that stayed empty; returns how many. */
unsigned int pv_pages_check(void);
/* A test guest replaces it: the page called @name ("kvmclock", ...) is then not shared. */
bool pv_page_is_forgotten(const char *name);
