/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the registration of KVM's pages (pv_pages.c) and those who read them (pv_clock.c,
 * pv_eoi.c).
 */
#pragma once

#include "abi/bits.h"
#include "lib/compiler.h"

enum pv_page_kind {
	PV_PAGE_CLOCK,
	PV_PAGE_STEAL_TIME,
	PV_PAGE_EOI,
	PV_PAGE_ASYNC_PF,
	PV_PAGE_COUNT,
};

/* The host vouched for its clock, which then went back by so much: ends the guest. */
noreturn_t kvmclock_went_back(u64 nanoseconds);

/* This processor's page, or NULL when the host does not know it. */
void *pv_page_registered(unsigned int page);
/* The same of another processor. */
void *pv_page_registered_of(unsigned int page, unsigned int cpu);
